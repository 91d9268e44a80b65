import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../src/cli/program.ts';
import type { ErrorFrame } from '../../src/cli/stdio/frames.ts';
import { openDuck } from '../../src/lake/engine/duck.ts';
import type { FeedOffset } from '../../src/lake/feed/offset.ts';
import type { Environment } from './twin.ts';

/** What `sluice stdio` refused. */
export class Refused extends Error {
  readonly frame: ErrorFrame;

  constructor(frame: ErrorFrame) {
    super(`${frame.code}: ${frame.message}`);
    this.frame = frame;
  }
}

/** A session of `sluice stdio` in this process. */
export interface Session {
  readonly frames: readonly Record<string, unknown>[];
  readonly err: () => string;
  /** A line as it is. */
  write(line: string): void;
  /** @throws Refused */
  // biome-ignore lint/suspicious/noExplicitAny: each operation answers in its own form
  ask(op: string, fields?: object): Promise<any>;
  /** The same; the id is known before the answer. */
  // biome-ignore lint/suspicious/noExplicitAny: each operation answers in its own form
  begin(op: string, fields?: object): { readonly id: number; readonly answer: Promise<any> };
  /** Ends the input. */
  end(): Promise<number>;
}

export function startSession(env: Environment = {}): Session {
  const lines: string[] = [];
  let wake = () => {};
  let isEnded = false;
  async function* input(): AsyncGenerator<string> {
    while (true) {
      const next = lines.shift();
      if (next !== undefined) yield next;
      else if (isEnded) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const frames: Record<string, unknown>[] = [];
  const waiting = new Map<number, (frame: Record<string, unknown>) => void>();
  let err = '';
  const ended = runCli(['stdio'], {
    out: (text) => {
      for (const line of text.split('\n').filter((one) => one !== '')) {
        const frame = JSON.parse(line) as Record<string, unknown>;
        frames.push(frame);
        waiting.get(Number(frame['id']))?.(frame);
      }
    },
    err: (text) => {
      err += text;
    },
    read: async () => new Uint8Array(),
    lines: input,
    live: false,
    columns: 120,
    env,
    signal: new AbortController().signal,
  });
  const write = (line: string) => {
    lines.push(line);
    wake();
  };
  let count = 0;
  const begin: Session['begin'] = (op, fields = {}) => {
    count += 1;
    const id = count;
    const answer = new Promise((resolve, reject) => {
      waiting.set(id, ({ end, error }) => {
        waiting.delete(id);
        if (error) reject(new Refused(error as ErrorFrame));
        else resolve(end);
      });
    });
    // Whoever looks at it later sees the refusal all the same.
    answer.catch(() => undefined);
    write(JSON.stringify({ id, op, ...fields }));
    return { id, answer };
  };
  return {
    frames,
    err: () => err,
    write,
    begin,
    ask: (op, fields) => begin(op, fields).answer,
    end: () => {
      isEnded = true;
      wake();
      return ended;
    },
  };
}

/** A session that is open on a lake, with a scratch folder of its own. */
export async function openSession(settings: Environment, env: Environment = {}): Promise<Session> {
  const session = startSession(env);
  await session.ask('open', { settings, scratch: mkdtempSync(join(tmpdir(), 'sluice-stdio-')) });
  return session;
}

/** Rows of files that a session wrote. */
export async function rowsOfFiles(files: readonly string[]): Promise<Record<string, unknown>[]> {
  if (files.length === 0) return [];
  const duck = await openDuck({ scratchDir: tmpdir() });
  try {
    return await duck.rows(`SELECT * FROM read_parquet([${files.map((file) => `'${file}'`).join(', ')}])`);
  } finally {
    duck.close();
  }
}

/** Reads the changes of a table in batches of so many until there are none; answers where it is then. */
export async function readOn(
  session: Session,
  which: { readonly table: string; readonly offset?: FeedOffset | undefined; readonly changes?: number },
  take: (rows: readonly Record<string, unknown>[], to: FeedOffset) => void,
): Promise<FeedOffset> {
  const { table, changes = 1_000_000 } = which;
  const { start, end } = await session.ask('position', { offset: which.offset ?? null });
  let offset: FeedOffset = start;
  while (true) {
    const { stops } = await session.ask('stops', { table, from: offset, to: end, changes });
    if (stops.length === 0) return offset;
    const { to } = stops[0];
    const { files } = await session.ask('changes', { table, from: offset, to });
    take(await rowsOfFiles(files), to);
    offset = to;
  }
}
