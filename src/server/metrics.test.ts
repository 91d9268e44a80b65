import { expect, it } from 'vitest';
import { ofTenant } from './metrics.ts';

const text = [
  '# TYPE sent counter',
  'sent{status="dead",tenant_id="contoso"} 1',
  'sent{tenant_id="fabri\\"kam",status="dead"} 2',
  'breaker{endpoint="webhook:a"} 2',
  'breaker{endpoint="webhook:b"} 0',
  'breaker{endpoint="GET /teams"} 0',
  'messages{state="dead"} 3',
].join('\n');

it('a tenant sees its own labels, and what has none', () => {
  const seen = ofTenant(text, { tenant_id: 'fabri"kam', endpoints: ['webhook:b'] });
  expect(seen).not.toMatch(/contoso|webhook:a/);
  for (const kept of ['fabri', 'webhook:b', 'GET /teams', 'messages', '# TYPE']) expect(seen).toContain(kept);
});

it('with one tenant everything is seen', () => {
  expect(ofTenant(text, undefined)).toBe(text);
});
