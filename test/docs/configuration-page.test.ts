import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkConfig } from '../../src/config/load.ts';
import { selfSigned } from '../support/self-signed.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const webhook =
  'https://prod-1.example.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/a/triggers/manual/paths/invoke?api-version=1&sp=x&sv=1.0&sig=y';

it('every configuration of docs/configuration.md is one', async () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text!);
  expect(examples.length).toBe(4);
  writeFileSync(join(folder, 'client-secret.txt'), 'x');
  writeFileSync(join(folder, 'company-ca.pem'), selfSigned().certificate);
  writeFileSync(join(folder, 'builds-webhook.txt'), webhook);
  writeFileSync(join(folder, 'alert.card.json'), '{"type":"AdaptiveCard"}');
  for (const text of examples) {
    const file = join(folder, 'sluice.yaml');
    writeFileSync(file, text);
    const checked = await checkConfig({ file, environment: { OPS_WEBHOOK: webhook, CONTOSO_KEY: 'k' } });
    expect('faults' in checked ? checked.faults : []).toEqual([]);
  }
});
