import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Io } from './io.ts';
import { written } from './render/terminal.ts';

/**
 * Where results go. Its reader may go away (`sluice query … | head`) and its disk may be full: what a command does beside
 * its output goes on all the same, and its exit code tells of that.
 *
 * @param onFailure - told once that results are lost, with what the system says; a reader that went away wants no more
 */
export function resultsTo(
  stream: Writable & { readonly isTTY?: boolean },
  onFailure: (reason: string) => void,
): Required<Pick<Io, 'out' | 'drained'>> {
  let isGone = false;
  stream.on('error', ({ code = 'error' }: NodeJS.ErrnoException) => {
    if (!isGone && code !== 'EPIPE') onFailure(code);
    isGone = true;
  });
  return {
    out(text) {
      if (!isGone) stream.write(written(text, stream.isTTY === true));
    },
    async drained() {
      // An error ends the waiting too.
      if (!isGone && stream.writableNeedDrain) await once(stream, 'drain').catch(() => undefined);
      return !isGone;
    },
  };
}
