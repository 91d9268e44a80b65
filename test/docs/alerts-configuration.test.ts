import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkConfig } from '../../src/config/load.ts';
import { parseSilence } from '../../src/server/http/silence-body.ts';

const page = await readFile(new URL('../../docs/alerts.md', import.meta.url), 'utf8');
const yaml = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text!);

it('shows configurations that have no fault', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-alerts-page-'));
  const environment = { TEAMS_OPS_WEBHOOK: 'http://127.0.0.1:1/ops', TEAMS_WEBHOOK_TWIN_HOSTS: '127.0.0.1:1' };
  const own = yaml.filter((text) => text.includes('${env:') && !text.includes('templates:'));
  expect(own).toHaveLength(2);
  for (const text of own) {
    const file = join(folder, 'sluice.yaml');
    await writeFile(file, text);
    expect(await checkConfig({ file, environment })).not.toHaveProperty('faults');
  }
  await rm(folder, { recursive: true });
});

it('points Alertmanager at an address that there is, and shows YAML that can be read', () => {
  const others = yaml.filter((text) => !text.includes('${env:')).map((text) => parse(text) as Record<string, unknown>);
  expect(others).toMatchObject([
    { receivers: [{ webhook_configs: [{ url: 'http://127.0.0.1:8686/v1/alerts/alertmanager' }] }] },
    { groups: [{ rules: [{ alert: 'DiskFull', annotations: { runbook_url: expect.any(String) } }] }] },
  ]);
});

it('shows a silence that is taken', () => {
  const body = /-d '(\{"matchers.*?\})' /.exec(page)![1]!;
  expect(parseSilence(Buffer.from(body), 'contoso')).toMatchObject({ matchers: ['alertname="DiskFull"'] });
});
