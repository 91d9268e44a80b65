import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createConfigHolder, type ReloadResult } from './holder.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-holder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Watches a file; before each look the next of these writes is made. */
async function watched(name: string, writes: readonly (string | undefined)[]) {
  const file = join(folder, name);
  writeFileSync(file, 'log_level: info');
  const stop = new AbortController();
  let looks = 0;
  const sleep = async () => {
    if (looks === writes.length) stop.abort();
    const text = writes[looks++];
    if (text !== undefined) writeFileSync(file, text);
  };
  const holder = await createConfigHolder({ file, environment: {}, runtime: { sleep } });
  const results: ReloadResult[] = [];
  await holder.watch((result) => results.push(result) > 0, stop.signal);
  return { results: results.map(({ kind }) => kind), level: holder.current().config.log_level };
}

describe('a configuration that is watched', () => {
  it('is taken over once when it changes', async () => {
    const changed = await watched('changed.yaml', ['log_level: debug', undefined, undefined, undefined]);
    expect(changed).toEqual({ results: ['reloaded'], level: 'debug' });
  });

  it('stays as it was while the file is being written', async () => {
    const written = await watched('written.yaml', ['', 'log_level: ', 'log_level: debug', undefined, undefined]);
    expect(written).toEqual({ results: ['reloaded'], level: 'debug' });
  });

  it('is refused with a fault, and taken over when that is mended', async () => {
    const mended = await watched('mended.yaml', [
      'log_level: loud',
      undefined,
      'log_level: warn',
      undefined,
      undefined,
    ]);
    expect(mended).toEqual({ results: ['refused', 'reloaded'], level: 'warn' });
  });
});
