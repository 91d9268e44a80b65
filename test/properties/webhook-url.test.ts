import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyWebhook } from '../../src/notifiers/webhook/classify.ts';
import { hostRows } from '../../src/notifiers/webhook/host-rows.ts';
import { WebhookUrl } from '../../src/notifiers/webhook/webhook-url.ts';
import { Secret } from '../../src/runtime/secret.ts';

const endings = hostRows.filter(({ kind }) => kind === 'workflow').map(({ host }) => host);
const query = 'api-version=1&sp=s&sv=1.0&sig=';
const path = '/powerautomate/automations/direct/workflows/f/triggers/manual/paths/invoke';
/** Without the prefix of punycode, after which not every label is one. */
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/).filter((text) => !text.startsWith('xn--'));

describe('a webhook URL', () => {
  it('is classified whatever the text is, and only https is ever taken', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true, withFragments: true })), (text) => {
        const { kind, fault } = classifyWebhook(text);
        expect(fault === undefined).toBe(kind !== 'unknown');
        if (kind === 'workflow') expect(new URL(text).protocol).toBe('https:');
      }),
    );
  });

  it('is a workflow exactly when two labels stand before a known ending', () => {
    fc.assert(
      fc.property(fc.array(label, { maxLength: 4 }), fc.constantFrom(...endings), (labels, ending) => {
        const { kind } = classifyWebhook(`https://${labels.join('.')}${ending}${path}?${query}x`);
        expect(kind).toBe(labels.length >= 2 ? 'workflow' : 'unknown');
      }),
    );
  });

  it('is unknown when anything is added to the ending, or taken from it', () => {
    const change = fc.oneof(
      label.map((text) => (ending: string) => `${ending}.${text}`),
      label.map((text) => (ending: string) => ending + text),
      label.map((text) => (ending: string) => text + ending.slice(1)),
      fc
        .integer({ min: 1, max: 20 })
        .map((length) => (ending: string) => `.${ending.slice(1 + length).replace(/^\./, '')}`),
    );
    fc.assert(
      fc.property(fc.constantFrom(...endings), change, (ending, changed) => {
        expect(classifyWebhook(`https://a${changed(ending)}${path}?${query}x`).kind).toBe('unknown');
      }),
    );
  });

  it('never shows its signature, path or environment', () => {
    const secret = fc.stringMatching(/^[a-f0-9]{24}$/);
    fc.assert(
      fc.property(secret, secret, secret, (environment, flow, signature) => {
        const text = `https://${environment}.ab${endings[0]}${path.replace('/f/', `/${flow}/`)}?${query}${signature}`;
        const url = WebhookUrl.parse(text, { identityKey: new Secret('key') });
        const shown = [String(url), JSON.stringify({ url }), inspect(url, { showHidden: true, depth: 9 })].join();
        for (const part of [environment, flow, signature]) expect(shown).not.toContain(part);
      }),
    );
  });
});
