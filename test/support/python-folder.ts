import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type PythonReader, startPython } from './python.ts';

export interface PythonFolder {
  /** Where Python runs; empty before each test. */
  readonly folder: string;
  readonly python: PythonReader;
}

/** One Python for the tests of a `describe`. @param interpreter - undefined: they are skipped */
export function pythonFolder(interpreter: string | undefined, prefix: string): () => PythonFolder {
  let running: PythonFolder | undefined;
  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), prefix));
    running = { folder, python: startPython(interpreter!, folder) };
  });
  beforeEach(() => {
    const { folder } = running!;
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  });
  afterAll(async () => {
    await running!.python[Symbol.asyncDispose]();
    rmSync(running!.folder, { recursive: true });
  });
  return () => running!;
}
