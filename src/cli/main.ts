#!/usr/bin/env node
import { once, setMaxListeners } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { buffer } from 'node:stream/consumers';
import { runCli } from './program.ts';
import { written } from './render/terminal.ts';

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
// A reader that went away (`sluice query … | head`) ends the command quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
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
process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => void process.stdout.write(written(text, process.stdout.isTTY)),
  drained: async () => {
    if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
  },
  err: (text) => void process.stderr.write(written(text, process.stderr.isTTY)),
  read: () => buffer(process.stdin),
  ...(process.stdin.isTTY && process.stderr.isTTY && { ask }),
  live: process.stderr.isTTY === true,
  columns: process.stdout.columns || 120,
  env: process.env,
  signal: stop.signal,
});
clearInterval(running);
