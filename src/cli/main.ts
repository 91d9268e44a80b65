#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { buffer } from 'node:stream/consumers';
import { sayEnd } from './errors.ts';
import { runCli } from './program.ts';
import { widthOf, written } from './render/terminal.ts';
import { resultsTo } from './results.ts';

const stop = new AbortController();
// Every request in flight listens to it.
setMaxListeners(0, stop.signal);
let asked = 0;
/** Longer than what is in flight takes to end: a commit, a delivery. */
const MOST_STOP_MS = 60_000;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    asked += 1;
    if (asked > 1) process.exit(1);
    stop.abort(new DOMException(`stopped by ${signal}`, 'AbortError'));
    // What hangs in a system call does not hear of it.
    setTimeout(() => process.exit(1), MOST_STOP_MS).unref();
  });
}
// Who does not read progress and errors misses them; the work goes on.
process.stderr.on('error', () => undefined);
const err = (text: string) => void process.stderr.write(written(text, process.stderr.isTTY));
let isOutputLost = false;
const results = resultsTo(process.stdout, (reason) => {
  isOutputLost = true;
  process.exitCode = 1;
  err(`${sayEnd('output_lost', `Standard output cannot be written (${reason}).`)}\n`);
});

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question, { signal: stop.signal });
  } finally {
    lines.close();
  }
}

// Timers of the program do not keep the process alive; a command that only waits for its turn must.
const running = setInterval(() => undefined, 60_000);
const code = await runCli(process.argv.slice(2), {
  ...results,
  err,
  read: () => buffer(process.stdin),
  lines: () => createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }),
  ...(process.stdin.isTTY && process.stderr.isTTY && { ask }),
  live: process.stderr.isTTY === true && process.env['TERM'] !== 'dumb',
  // Asked anew each time: a terminal may become narrower.
  get columns() {
    return widthOf(process.stdout, process.stderr);
  },
  env: process.env,
  signal: stop.signal,
});
process.exitCode = isOutputLost ? 1 : code;
clearInterval(running);
