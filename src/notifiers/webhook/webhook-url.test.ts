import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isSluiceError } from '../../errors/sluice-error.ts';
import { Secret } from '../../runtime/secret.ts';
import { WebhookUrl } from './webhook-url.ts';

const CANARY = 'c4n4ry-s1g';
const identityKey = new Secret('key');
const environment = `${'a'.repeat(30)}.bc`;
const good = `https://${environment}.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/f10w/triggers/manual/paths/invoke?api-version=1&sp=s&sv=1.0&sig=${CANARY}`;

const printed = (value: unknown) =>
  [String(value), JSON.stringify(value), inspect(value, { depth: 9, showHidden: true }), `${value}`].join('\n');

function refusal(url: string | Secret): unknown {
  try {
    WebhookUrl.parse(url, { identityKey, field: 'receivers.ops.webhook' });
  } catch (error) {
    return error;
  }
  throw new Error('It was taken.');
}

describe('WebhookUrl', () => {
  it('shows the known part of the host and the identity, and nothing else', () => {
    const url = WebhookUrl.parse(new Secret(good), { identityKey });
    expect(url.masked).toBe(`https://*.environment.api.powerplatform.com/[secret] (${url.identity})`);
    for (const secret of [CANARY, 'f10w', environment]) expect(printed({ url })).not.toContain(secret);
    expect(url.reveal()).toBe(good);
  });

  it('is identified by the whole URL and the key', () => {
    const identity = (url: string, key = 'key') => WebhookUrl.parse(url, { identityKey: new Secret(key) }).identity;
    expect(identity(good)).toMatch(/^[0-9a-f]{16}$/);
    expect(identity(good)).toBe(identity(good));
    expect(identity(good)).not.toBe(identity(`${good}x`));
    expect(identity(good)).not.toBe(identity(good, 'other key'));
  });

  it.each([
    ['webhook_retired', `https://contoso.webhook.office.com/webhookb2/${CANARY}/IncomingWebhook/x`, 'Workflows'],
    ['webhook_host_moved', `https://prod-1.eu.logic.azure.com/workflows/x?sig=${CANARY}`, 'new trigger URL'],
    ['webhook_configuration', `https://${CANARY}.example/?sig=${CANARY}`, '*.environment.api.powerplatform.com'],
    ['webhook_configuration', `nonsense ${CANARY}`, 'https://'],
    ['webhook_configuration', `http://x.example/${CANARY}`, 'https://'],
    ['webhook_configuration', good.replace(/&sig.*/, ''), 'sig'],
  ])('refuses with %s, the field and the way out, without the URL', (code, url, wayOut) => {
    const error = refusal(url);
    expect(error).toMatchObject({ code, recovery: 'user_action', details: { field: 'receivers.ops.webhook' } });
    expect((error as Error).message).toContain('receivers.ops.webhook');
    expect((error as Error).message).toContain(wayOut);
    expect(isSluiceError(error) && error.cause).toBeUndefined();
    expect(printed(error) + JSON.stringify(error)).not.toContain(CANARY);
  });
});
