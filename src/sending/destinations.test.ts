import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { Secret } from '../runtime/secret.ts';
import { destinationName, readDestinationName } from './destination-name.ts';
import { Destinations, tenantsOf } from './destinations.ts';

const hook = (name: string) => `http://127.0.0.1:1/${name}`;
const parse = (config: object) =>
  configSchema({ environment: {}, folder: '.' }).parse({ webhooks: { twin_hosts: ['127.0.0.1:1'] }, ...config });
const key = new Secret('k');

describe('destinations of one tenant', () => {
  it('are receivers by name, with both URLs while one is replaced', () => {
    let config = parse({ receivers: { ops: { webhook: [hook('old'), hook('new')], receipt: 'ok' } } });
    const destinations = new Destinations(() => config, key);
    expect(destinations.nameFor('default', 'ops')).toBe('ops');
    const found = destinations.find('ops')!;
    expect(found).toMatchObject({ tenantId: 'default', receipt: 'ok' });
    expect([found.primary.reveal(), found.secondary!.reveal()]).toEqual([hook('old'), hook('new')]);
    expect(destinations.find('constructor')).toBeUndefined();
    config = parse({ receivers: { ops: { webhook: hook('newer') } } });
    expect(destinations.find('ops')!.primary.reveal()).toBe(hook('newer'));
  });

  it('have the published windows, or tighter ones', () => {
    const limitsWith = (resilience: object) => {
      const config = parse({ resilience, receivers: { ops: { webhook: hook('a') } } });
      const destinations = new Destinations(() => config, key);
      return destinations.limits({
        notifier: 'webhook',
        destination: 'ops',
        lane: 'webhook/ops',
        endpoint: destinations.endpointsOf('ops')[0]!,
      });
    };
    expect(limitsWith({})[0]!.windows).toContainEqual({ limit: 4, windowMs: 1_000 });
    expect(limitsWith({ webhook_rate_limit_per_second: 2 })[0]!.windows).toContainEqual({ limit: 2, windowMs: 1_000 });
    expect(limitsWith({})[0]!.windows).toContainEqual({ limit: 60, windowMs: 30_000 });
    expect(limitsWith({})[0]!.scope).toMatch(/^webhook:[0-9a-f]{16}$/);
  });
});

describe('destinations of several tenants', () => {
  const receivers = {
    default: { webhook: hook('shared') },
    a: { webhook: hook('a'), tenant: 'contoso' },
  };
  const withIsolation = (isolation: string, more: object) => {
    const config = parse({
      multi_tenant: { enabled: true, allowed_tenants: ['contoso', 'fabrikam'], isolation },
      server: { api_keys: [{ key: 'k', tenant: 'contoso' }] },
      receivers: more,
    });
    return { config, destinations: new Destinations(() => config, key) };
  };

  it('carry the tenant in every name, and are reached by their own tenant only', () => {
    const { config, destinations } = withIsolation('strict', { a: receivers.a });
    expect(tenantsOf(config)).toEqual(['contoso', 'fabrikam']);
    const name = destinations.nameFor('contoso', 'a');
    expect([name, destinations.tenantOf(name)]).toEqual(['contoso/a', 'contoso']);
    expect(destinations.find(name)).toMatchObject({ tenantId: 'contoso' });
    expect(() => destinations.find('fabrikam/a')).toThrow(expect.objectContaining({ code: 'tenant_isolated' }));
    expect(destinations.limits({ notifier: 'webhook', destination: 'fabrikam/a', lane: 'l', endpoint: 'e' })).toEqual(
      [],
    );
    expect(destinations.endpointsOf('contoso/a')).toEqual([expect.stringMatching(/^webhook:[0-9a-f]{16}$/)]);
    expect(destinations.endpointsOf('fabrikam/a')).toEqual(['webhook/fabrikam/a']);
  });

  it('may be shared when the configuration says so, and the URL is then one endpoint', () => {
    const { destinations } = withIsolation('shared_receivers', receivers);
    const endpoints = ['contoso', 'fabrikam'].map((tenant) => destinations.endpointsOf(`${tenant}/default`)[0]);
    expect(new Set(endpoints).size).toBe(1);
    expect(destinations.nameFor('contoso', 'default')).not.toBe(destinations.nameFor('fabrikam', 'default'));
    expect(() => destinations.find('fabrikam/a')).toThrow(expect.objectContaining({ code: 'tenant_isolated' }));
  });

  it.each(['strict', 'shared_receivers'])(
    'a name that was stored before there were any is nobody’s (%s)',
    (isolation) => {
      const { destinations } = withIsolation(isolation, isolation === 'strict' ? { a: receivers.a } : receivers);
      for (const name of ['a', 'default']) {
        expect(destinations.tenantOf(name)).toBeUndefined();
        expect(destinations.find(name)).toBeUndefined();
      }
    },
  );

  it('have names that are read back as they were made', () => {
    const tenant = fc.option(fc.string({ minLength: 1 }), { nil: undefined });
    fc.assert(
      fc.property(tenant, fc.stringMatching(/^[\w.-]{1,20}$/), (of, receiver) => {
        expect(readDestinationName(destinationName({ tenant: of, receiver }))).toEqual({ tenant: of, receiver });
      }),
    );
  });
});
