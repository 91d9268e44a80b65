import type { Io } from './io.ts';

/** Gives work an io of its own: what it has left to the end is done when it has ended, however it did. */
export async function withEnds<T>(io: Io, use: (own: Io) => Promise<T>): Promise<T> {
  const ends: (() => Promise<void>)[] = [];
  const own: Io = Object.create(io, { atEnd: { value: (work: () => Promise<void>) => void ends.push(work) } });
  try {
    return await use(own);
  } finally {
    for (const end of ends) await end().catch(() => undefined);
  }
}
