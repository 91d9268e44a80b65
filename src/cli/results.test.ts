import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { resultsTo } from './results.ts';

/** A stream that takes one text and then fails as the system says. */
function failing(code: string) {
  const taken: string[] = [];
  const stream = new Writable({
    highWaterMark: 1,
    write(chunk, _, done) {
      if (taken.length === 1) return done(Object.assign(new Error('write failed'), { code }));
      taken.push(String(chunk));
      done();
    },
  });
  return { stream, taken };
}

it.each([
  ['EPIPE', []],
  ['ENOSPC', ['ENOSPC']],
])('results that nobody takes any more (%s) end no work, and are told where they are lost', async (code, told) => {
  const failures: string[] = [];
  const { stream, taken } = failing(code);
  const { out, drained } = resultsTo(stream, (reason) => failures.push(reason));
  out('one');
  expect(await drained()).toBe(true);
  out('two');
  // A stream tells its error a moment later.
  await turn();
  expect(await drained()).toBe(false);
  out('three');
  expect([taken, failures]).toEqual([['one'], told]);
});
