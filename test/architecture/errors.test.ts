import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ErrorDescription } from '../../src/errors/define-errors.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const src = join(root, 'src');

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => ({ file: relative(src, join(src, file)), text: readFileSync(join(src, file), 'utf8') }));

/** What every `errors.ts` and `…-errors.ts` describes. */
async function errorRows(): Promise<ErrorDescription[]> {
  const rooms = await Promise.all(
    files
      .filter(({ file }) => /(^|[/-])errors\.ts$/.test(file))
      .map(({ file }) => import(join(src, file)) as Promise<Record<string, object>>),
  );
  const tables = rooms.flatMap((room) => Object.values(room));
  return tables.flatMap((table) =>
    Object.values(table).flatMap((row: Partial<{ describe(): ErrorDescription }>) => row?.describe?.() ?? []),
  );
}

describe('an error is a row', () => {
  it('that no file but those of rows makes an error of', () => {
    const made = files.filter(({ text }) => /new SluiceError\(/.test(text)).map(({ file }) => file);
    expect(made.filter((file) => !/^errors\/|(^|\/)errors\.ts$/.test(file))).toEqual([]);
    // Words that stand elsewhere: a rule of answers, what an outbox has kept, and what a notifier of another package says.
    expect(made.filter((file) => !file.startsWith('errors/')).sort()).toEqual([
      'notifiers/errors.ts',
      'notifiers/webhook/errors.ts',
      'sending/errors.ts',
    ]);
  });

  it('with a cause, a remedy and an example', async () => {
    const rows = await errorRows();
    expect(rows.length).toBeGreaterThan(150);
    const poor = rows.filter(
      ({ code, cause, remedy, example }) =>
        !/^[a-z][a-z\d_]*$/.test(code) ||
        !cause.endsWith('.') ||
        remedy === '' ||
        /[ (:]undefined[ ).]|\[object/.test(example.replace('not undefined', '')),
    );
    expect(poor).toEqual([]);
  });

  it('that stands on the page of troubles, and nothing else stands there', async () => {
    const page = readFileSync(join(root, 'docs', 'troubleshooting.md'), 'utf8');
    const entries = page.split(/^### /m).slice(1);
    const full = entries.filter((entry) => /^- Cause: .+\n- Remedy: .+\n- Example: .+/m.test(entry));
    const codes = (from: readonly string[]) => [...new Set(from.map((entry) => /^`(\w+)`/.exec(entry)![1]!))].sort();
    expect(codes(full)).toEqual([...new Set((await errorRows()).map(({ code }) => code))].sort());
    expect(entries.length).toBe(full.length);
  });

  it('and no code is told that has none', async () => {
    const known = new Set((await errorRows()).map(({ code }) => code));
    // Words of a protocol: what the twin answers as Graph and its control interface do, and what zod calls a fault.
    const foreign = /^simulator\/(protocol|control)\/|^simulator\/serve\.ts$/;
    const told = /\b(?:code|deadReason): '([a-z][a-z\d_]*)'|#report\(\s*'(\w+)'/g;
    const rowless = files
      .filter(({ file }) => !foreign.test(file))
      .flatMap(({ file, text }) =>
        [...text.matchAll(told)].map(([, code, reported]) => ({ file, code: code ?? reported! })),
      )
      .filter(({ code }) => code !== 'custom' && !known.has(code));
    expect(rowless).toEqual([]);
  });

  it('whose code is written nowhere but in rows: what asks for it asks the row', async () => {
    const rooms = /^(lake|sync|strategies|sending|server|outbox|cli)\//;
    const comparing = files.filter(
      ({ file, text }) => rooms.test(file) && /isSluiceError\(\w+\) && \w+\.code [!=]==/.test(text),
    );
    expect(comparing.map(({ file }) => file)).toEqual([]);
  });
});

describe('what is done about an error', () => {
  /** Who speaks HTTP and turns answers into errors; the twin and the server give answers. */
  const speaks = /^(errors|http|graph|auth|bot|limits|telemetry|notifiers\/(?:webhook|bot)|simulator|server)\//;
  const asked = /request\?\.status|\.status (?:[!=]==|[<>]=?) \d|\b[A-Z_]*STATUS(?:ES)?\.has\(/;

  it('is read from its row: no status of an answer is asked behind the rooms that speak HTTP', () => {
    const found = files.filter(({ file, text }) => !speaks.test(file) && asked.test(text)).map(({ file }) => file);
    expect(found).toEqual([]);
  });

  it('is said by one file where it is an exit code', () => {
    const mapping = files.filter(
      ({ file, text }) => file.startsWith('cli/') && /\.(recovery|surface) [!=]==|ExitCode\[\]/.test(text),
    );
    expect(mapping.map(({ file }) => file)).toEqual(['cli/exit-code.ts']);
  });
});
