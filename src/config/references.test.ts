// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration writes references this way
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putReferencesIn } from '../settings/references.ts';
import { checkConfig } from './load.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-references-'));
  writeFileSync(join(folder, 'sig.txt'), 'FROMFILE\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = { SIG: 'abc', PORT: '9000', ON: 'true', DOLLAR: '${env:SIG}' };
const put = (value: unknown) => putReferencesIn(value, { environment, folder });

describe('references in values', () => {
  it.each([
    ['https://x/?sig=${env:SIG}', 'https://x/?sig=abc'],
    ['${env:SIG}${env:SIG}-${file:sig.txt}', 'abcabc-FROMFILE'],
    ['a $${env:SIG} b', 'a ${env:SIG} b'],
    ['${env:DOLLAR}', '${env:SIG}'],
    ['no reference, $5, $, {}', 'no reference, $5, $, {}'],
  ])('%s becomes %s', (text, expected) => {
    expect(put({ deep: [{ key: text }] })).toMatchObject({ value: { deep: [{ key: expected }] }, faults: [] });
  });

  it.each([
    ['a ${env:NONE}', /variable NONE is not set/],
    ['a ${env:}', /not known/],
    ['a ${SIG}', /not known/],
    ['a ${file:none.txt} b', /none\.txt cannot be read/],
    ['a ${file:}', /not known/],
    ['a ${env:SIG', /not closed/],
    ['a ${', /not closed/],
  ])('%s is a fault with its path', (text, message) => {
    expect(put({ deep: [{ key: text }] }).faults).toMatchObject([
      { path: ['deep', 0, 'key'], message: expect.stringMatching(message) },
    ]);
  });

  const check = async (text: string, more: Record<string, string> = {}) => {
    const file = join(folder, 'sluice.yaml');
    writeFileSync(file, text);
    const checked = await checkConfig({ file, environment: { ...environment, ...more } });
    return 'faults' in checked ? checked.faults.map(({ path, message }) => `${path}: ${message}`) : checked.config;
  };

  it('stand in every part of the configuration, also where a number or a switch is meant', async () => {
    const text = `
server: { port: '\${env:PORT}', host: '127.0.0.\${env:ONE}' }
multi_tenant: { enabled: '\${env:ON}', allowed_tenants: ['t-\${env:SIG}'] }
auth: { tenant_id: 't-\${env:SIG}' }
outbox: { url: 'postgres://u:\${env:SIG}@db/x' }
routing: { route: { drop: true, routes: [{ id: 'r-\${env:SIG}', drop: true }] } }
`;
    const config = await check(text, { ONE: '1' });
    expect(config).toMatchObject({
      server: { port: 9000, host: '127.0.0.1' },
      multi_tenant: { enabled: true, allowed_tenants: ['t-abc'] },
      routing: { route: { routes: [{ id: 'r-abc' }] } },
    });
    expect((config as { outbox: { url: { reveal(): string } } }).outbox.url.reveal()).toBe('postgres://u:abc@db/x');
  });

  it('make no number of a text that was written without one', async () => {
    expect(await check('server: { port: "9000" }')).toEqual([expect.stringContaining('server.port')]);
  });

  it('are checked in values of variables too', async () => {
    expect(await check('', { TEAMS_TENANT_ID: 'x-${env:NONE}' })).toEqual([expect.stringContaining('auth.tenant_id')]);
  });
});

describe('what an author keeps for himself', () => {
  const file = (text: string) => {
    writeFileSync(join(folder, 'x.yaml'), text);
    return checkConfig({ file: join(folder, 'x.yaml'), environment: {} });
  };

  it('begins with x-, at every level of known keys', async () => {
    const text =
      'x-base: &b { drop: true }\nserver: { port: 1, x-note: hi }\nrouting: { x-a: 1, route: { <<: *b, x-b: 2 } }';
    expect(await file(text)).toMatchObject({ config: { server: { port: 1 }, routing: { route: { drop: true } } } });
  });

  it('is no excuse for another unknown key beside it', async () => {
    expect(await file('x-base: 1\nserver: { x-note: 1, prot: 1 }')).toEqual({
      faults: [expect.objectContaining({ path: 'server.prot' })],
    });
  });

  it('may be the name of a receiver, which is then not the author’s', async () => {
    expect(await file('receivers: { x-ops: { webhook: https://example.com/ } }')).toEqual({
      faults: [expect.objectContaining({ path: 'receivers.x-ops.webhook' })],
    });
  });
});

describe('a file that means harm', () => {
  it('with 30,000 unknown keys is answered with the first faults and their number', async () => {
    writeFileSync(join(folder, 'many.yaml'), Array.from({ length: 30_000 }, (_, i) => `k${i}: 1`).join('\n'));
    const checked = await checkConfig({ file: join(folder, 'many.yaml'), environment: {} });
    if (!('faults' in checked)) throw new Error('accepted');
    expect(checked.faults).toHaveLength(101);
    expect(checked.faults.at(-1)?.message).toBe('And 29900 more faults.');
  });

  it('with an alias of itself is a fault with its place, and nothing else', async () => {
    writeFileSync(join(folder, 'cycle.yaml'), 'receivers: &r\n  ops: *r\n');
    expect(await checkConfig({ file: join(folder, 'cycle.yaml'), environment: {} })).toEqual({
      faults: [
        {
          source: expect.stringContaining('cycle.yaml:2:3'),
          path: 'receivers.ops',
          message: 'This alias holds itself.',
        },
      ],
    });
  });
});
