// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration writes references this way
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, jsonOf } from '../support/cli.ts';
import { withFolder } from '../support/lake.ts';

/** Commands that look into what others made, in a folder where there is nothing; with what each says. */
const looks: readonly (readonly [command: readonly string[], says: RegExp])[] = [
  [['outbox', 'list'], /^outbox_missing: There is no outbox at /],
  [['outbox', 'show', '0190b8a2'], /^outbox_missing: /],
  [['outbox', 'redrive', '--all'], /^outbox_missing: /],
  [['outbox', 'enable', 'default', '--webhook'], /^outbox_missing: /],
  [['outbox', 'drain', '--webhook'], /^outbox_missing: /],
  [['query', 'SELECT 1'], /^lake_missing: /],
  [['status'], /^lake_missing: /],
  [['history'], /^lake_missing: /],
  [['state', 'show'], /^lake_missing: /],
  [['compact'], /^lake_missing: /],
  [['fsck'], /^lake_missing: /],
];

describe('looking makes nothing', () => {
  it.each(looks)('sluice %j', async (command, says) => {
    await withFolder(async (folder) => {
      const isOutbox = command[0] === 'outbox';
      const place = isOutbox ? ['--outbox', `sqlite:${join(folder, 'outbox.db')}`] : ['--lake', join(folder, 'lake')];
      const [own, webhook] = [command.filter((word) => word !== '--webhook'), command.includes('--webhook')];
      const env = webhook ? { TEAMS_WEBHOOK_URL: 'https://example.com/hook' } : {};
      const answer = await cli([...own, ...place], env);
      expect(answer.err).toMatch(says);
      expect(answer.code).not.toBe(0);
      expect(readdirSync(folder)).toEqual([]);
    });
  });
});

describe('sluice route check', () => {
  const checked = (text: string, more: readonly string[] = []) =>
    withFolder(async (folder) => {
      const file = join(folder, 'sluice.yaml');
      writeFileSync(file, text);
      return await cli(['route', 'check', file, ...more]);
    });
  const receivers = "receivers:\n  ops: { webhook: '${env:OPS_WEBHOOK}' }\n  dev: { webhook: 'file:./dev-webhook' }\n";
  const secret = "auth: { client_secret: 'file:./secret' }\n";

  it('needs no secret, and names what it did not look at', async () => {
    const { code, out } = await checked(
      `${secret}${receivers}routing: { route: { receivers: [ops], routes: [{ receivers: [dev], matchers: ['team="dev"'] }] } }\n`,
    );
    expect(code).toBe(0);
    expect(out).toMatch(/no fault\. Routes: 2\. Receivers: 2\./);
    expect(out).toMatch(/receivers\.ops\.webhook: The environment variable OPS_WEBHOOK is not set\./);
    expect(out).toMatch(/receivers\.dev\.webhook: The file .* cannot be read\./);
    expect(out).toMatch(/auth\.client_secret: The file .* cannot be read\./);
  });

  it('finds every other fault without them', async () => {
    const routing = 'routing: { route: { receivers: [gone] } }\n';
    expect((await checked(`${receivers}${routing}`)).out).toMatch(/Unknown receiver "gone"/);
    const extra = await checked(`${receivers}lakes: { }\nrouting: { route: { receivers: [ops] } }\n`, ['--json']);
    expect(extra.code).toBe(1);
    expect(jsonOf(extra)).toMatchObject({ ok: false, faults: [{ path: 'lakes' }] });
    expect((await checked(`${receivers}server: { host: '\${en:HOST}' }\n`)).out).toMatch(/This reference is not known/);
  });
});
