// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration writes references this way
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openOutbox } from '../../../src/outbox/outbox.ts';
import { systemRuntime } from '../../../src/runtime/runtime.ts';
import { Secret } from '../../../src/runtime/secret.ts';
import { cli, jsonOf } from '../../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-outbox-alone-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const url = `sqlite:${join(folder, 'outbox.db')}`;

/** What a server runs with: its secrets are not those of who looks at dead letters. */
function serversConfig(outbox: string): string {
  const file = join(folder, 'sluice.yaml');
  const receivers =
    "receivers:\n  ops: { webhook: '${env:OPS_WEBHOOK}' }\n  old: { webhook: 'https://example.com/gone' }\n";
  writeFileSync(file, `${receivers}auth: { client_secret: 'file:not-here' }\noutbox: ${outbox}\n`);
  return file;
}

describe('who looks at dead letters', () => {
  it('needs the section outbox alone: no webhook, no secret of the others, whether or not they are right', async () => {
    const config = serversConfig("{ url: '${env:OUTBOX}', retention_days: '${env:DAYS}' }");
    const env = { OUTBOX: url, DAYS: '7' };
    await using outbox = await openOutbox({ url: new Secret(url), runtime: systemRuntime });
    const id = (await outbox.enqueue({ destination: 'ops', notifier: 'webhook', payload: {} })).id;
    expect(jsonOf(await cli(['outbox', 'list', '--config', config, '--json'], env))).toMatchObject({ id });
    expect(jsonOf(await cli(['outbox', 'show', id, '--config', config, '--json'], env))).toMatchObject({ id });
    expect(jsonOf(await cli(['outbox', 'redrive', '--all', '--config', config, '--json'], env))).toEqual({ ids: [] });
  });

  it.each([
    ['{ url: "${env:NOT_SET}" }', /outbox\.url: The environment variable NOT_SET is not set/],
    ['{ url: sqlite:x, retention: 7 }', /outbox\.retention: Unknown key\. Valid: url, concurrency/],
    ['{ retention_days: 0 }', /outbox\.retention_days: /],
    ['7', /outbox: /],
  ])('is told what is wrong with that section: %s', async (section, message) => {
    const answer = await cli(['outbox', 'list', '--config', serversConfig(section)]);
    expect(answer).toMatchObject({ code: 2, err: expect.stringMatching(message) });
    expect(answer.err).not.toMatch(/receivers|auth/);
  });

  it('has the option beat the variable, and the variable the file', async () => {
    const config = serversConfig('{ url: "nowhere:" }');
    const list = ['outbox', 'list', '--config', config];
    expect((await cli(list)).err).toMatch(/^outbox_url_invalid/);
    expect((await cli(list, { SLUICE_OUTBOX_URL: url })).code).toBe(0);
    expect((await cli([...list, '--outbox', url], { SLUICE_OUTBOX_URL: 'nowhere:' })).code).toBe(0);
  });
});
