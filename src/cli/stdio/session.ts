import { rm } from 'node:fs/promises';
import { makeOwnFolder } from '../../lake/stores/private-files.ts';
import { withEnds } from '../ends.ts';
import type { Io } from '../io.ts';
import { packageVersion } from '../package-version.ts';
import { stdioErrors } from './errors.ts';
import { errorFrame, type Frame, PROTOCOL, parseRequest, type Request, readFields, whole } from './frames.ts';
import { openFields, operations } from './operations.ts';
import type { Opened } from './working.ts';

/**
 * Answers requests until their input ends: each line is one, each answer one line, in the order in which they are ready.
 * What is under way when the input ends is stopped.
 */
export async function runSession(io: Io, lines: AsyncIterable<string>): Promise<void> {
  const ended = new AbortController();
  const under = new Map<number, AbortController>();
  const answers = new Set<Promise<void>>();
  let opened: Opened | undefined;
  const say = (frame: Frame) => io.out(`${JSON.stringify(frame)}\n`);
  say({ hello: { protocol: PROTOCOL, version: packageVersion(), node: process.version } });

  /** Files that were written hold message texts: they go when the session ends, also when its parent was killed. */
  async function close(): Promise<void> {
    if (opened) await rm(opened.scratch, { recursive: true, force: true });
    opened = undefined;
  }

  async function answer({ op, fields }: Request, signal: AbortSignal): Promise<object> {
    if (op === 'open') {
      const { settings, scratch } = readFields(openFields, fields);
      await close();
      opened = { settings, scratch: await makeOwnFolder(scratch) };
      return {};
    }
    if (op === 'cancel') {
      under.get(readFields({ target: whole }, fields).target)?.abort();
      return {};
    }
    const operation = Object.hasOwn(operations, op) ? operations[op] : undefined;
    if (!operation)
      throw stdioErrors.stdio_operation_unknown({
        field: 'op',
        value: op,
        valid: ['open', 'cancel', ...Object.keys(operations)],
      });
    if (!opened) throw stdioErrors.stdio_not_open();
    const { settings } = opened;
    const working = opened;
    // Copies of a lake elsewhere go with their request: a session may last for months.
    return withEnds(io, (own) => operation.answer(fields, { io: ioOf(own, settings, signal), opened: working }));
  }

  async function work(request: Request): Promise<void> {
    const { id } = request;
    const own = new AbortController();
    under.set(id, own);
    const signal = AbortSignal.any([own.signal, ended.signal, io.signal]);
    try {
      const end = await answer(request, signal);
      say(signal.aborted ? { id, error: errorFrame(stdioErrors.stdio_cancelled()) } : { id, end });
    } catch (error) {
      say({ id, error: errorFrame(signal.aborted ? stdioErrors.stdio_cancelled({ cause: error }) : error) });
    } finally {
      under.delete(id);
    }
  }

  for await (const line of lines) {
    if (line.trim() === '') continue;
    try {
      const answered = work(parseRequest(line)).finally(() => answers.delete(answered));
      answers.add(answered);
    } catch (error) {
      say({ id: null, error: errorFrame(error) });
    }
  }
  ended.abort();
  await Promise.all(answers);
  await close();
}

/** Standard output is for frames: what a command says as its result is not said. */
const ioOf = (io: Io, settings: Opened['settings'], signal: AbortSignal): Io =>
  Object.create(io, {
    out: { value: () => undefined },
    env: { value: { ...io.env, ...settings } },
    signal: { value: signal },
  });
