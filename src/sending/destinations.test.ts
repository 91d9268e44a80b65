import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { destinationName, readDestinationName } from './destination-name.ts';
import { Destinations, tenantsOf } from './destinations.ts';

const hook = (name: string) => `http://127.0.0.1:1/${name}`;
const parse = (config: object) =>
  configSchema({ environment: {}, folder: '.' }).parse({ webhooks: { twin_hosts: ['127.0.0.1:1'] }, ...config });

it('destinations of one tenant are receivers by name', () => {
  let config = parse({ receivers: { ops: { webhook: hook('old') } } });
  const destinations = new Destinations(() => config);
  expect(destinations.nameFor('default', 'ops')).toBe('ops');
  expect(destinations.targetFor('default', 'ops')).toEqual({ notifier: 'webhook', destination: 'ops' });
  expect(destinations.find('ops')).toMatchObject({ name: 'ops', tenantId: 'default' });
  expect(destinations.find('constructor')).toBeUndefined();
  config = parse({ receivers: { builds: { webhook: hook('newer') } } });
  expect(destinations.find('ops')).toBeUndefined();
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
    return { config, destinations: new Destinations(() => config) };
  };

  it('carry the tenant in every name, and are reached by their own tenant only', () => {
    const { config, destinations } = withIsolation('strict', { a: receivers.a });
    expect(tenantsOf(config)).toEqual(['contoso', 'fabrikam']);
    const name = destinations.nameFor('contoso', 'a');
    expect([name, destinations.tenantOf(name)]).toEqual(['contoso/a', 'contoso']);
    expect(destinations.find(name)).toMatchObject({ tenantId: 'contoso' });
    expect(() => destinations.find('fabrikam/a')).toThrow(expect.objectContaining({ code: 'tenant_isolated' }));
  });

  it('may be shared when the configuration says so', () => {
    const { destinations } = withIsolation('shared_receivers', receivers);
    expect(destinations.nameFor('contoso', 'default')).not.toBe(destinations.nameFor('fabrikam', 'default'));
    expect(destinations.find('fabrikam/default')).toMatchObject({ tenantId: 'fabrikam' });
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
