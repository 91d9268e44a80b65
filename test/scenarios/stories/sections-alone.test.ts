// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration writes references this way
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../../support/cli.ts';
import { startTwin, type TestTwin } from '../../support/twin.ts';

let twin: TestTwin;
const folder = mkdtempSync(join(tmpdir(), 'sluice-sections-'));
beforeAll(async () => {
  twin = await startTwin({ teams: 1, channels: 1, messages: 1, users: 2, limits: 'none' });
});
afterAll(async () => {
  await twin.close();
  rmSync(folder, { recursive: true });
});

let files = 0;
function check(yaml: string) {
  const file = join(folder, `sluice-${files++}.yaml`);
  writeFileSync(file, yaml);
  return cli(['check', '--tables', 'teams', '--config', file], twin.env);
}

describe('a command that reads', () => {
  it.each([
    ['a secret of a receiver that is not set here', 'receivers: { ops: { webhook: "${env:NOWHERE_SET}" } }'],
    ['a receiver that is none', 'receivers: { ops: { webhook: nonsense } }'],
    ['a template that is not there', 'templates: { alert: missing.json }'],
    ['a notifier that is not installed', 'notifiers: [not-installed]\nresilience: { pager_limit: 3 }\npager: { a: 1 }'],
    [
      'limits of webhooks',
      'resilience: { webhook_rate_limit_per_second: 2 }\nwebhooks: { allowed_hosts: [a.example] }',
    ],
  ])('needs nothing that is about sending: %s', async (_what, yaml) => {
    expect(await check(yaml)).toMatchObject({ code: 0, err: '' });
  });

  it.each([
    ['a section that is misspelt', 'resiliense: { max_retries: 1 }', 'resiliense: Unknown key. Valid: auth'],
    ['a key of its own that is misspelt', 'resilience: { max_retrys: 1 }', 'resilience.max_retrys: Unknown key'],
    ['a value of its own that is wrong', 'resilience: { max_retries: many }', 'resilience.max_retries'],
    ['a file that is no mapping', '- a', ''],
  ])('refuses %s', async (_what, yaml, said) => {
    const { code, err } = await check(yaml);
    expect(code).toBe(2);
    expect(err).toContain(said);
  });
});

describe('a command that looks at cards', () => {
  const lint = (yaml: string) => {
    const [card, file] = [join(folder, 'card.json'), join(folder, `sluice-${files++}.yaml`)];
    const image = { type: 'Image', url: 'http://wiki.corp.example/a.png', altText: 'a' };
    writeFileSync(card, JSON.stringify({ type: 'AdaptiveCard', version: '1.4', body: [image] }));
    writeFileSync(file, yaml);
    return cli(['card', 'lint', card, '--config', file], {});
  };
  const elsewhere = 'receivers: { ops: { webhook: "${env:NOWHERE_SET}" } }';

  it('needs nothing but the policy of its cards, and keeps to that', async () => {
    const hosts = 'cards: { image_hosts: [wiki.corp.example] }';
    expect(await lint(`${elsewhere}\n${hosts}`)).toMatchObject({ code: 0, err: '' });
    expect(await lint(elsewhere)).toMatchObject({ code: 1 });
  });

  it('refuses what is wrong about it', async () => {
    expect(await lint(`${elsewhere}\ncards: { links: some }`)).toMatchObject({ code: 2 });
  });
});
