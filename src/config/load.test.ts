// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration writes references this way
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import type { Secret } from '../runtime/secret.ts';
import { connectionOf } from './connection.ts';
import { checkConfig, loadConfig } from './load.ts';
import { configJsonSchema } from './schema.ts';
import { variables } from './variables.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SIG = 'canary-signature';
const webhook = `https://prod-1.example.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/a/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=${SIG}`;

let count = 0;
function file(text: string, name = `sluice-${count++}.yaml`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function faultsOf(text: string, environment: Record<string, string> = {}, flags = {}) {
  const checked = await checkConfig({ file: file(text), environment, flags });
  return 'faults' in checked ? checked.faults : [];
}

describe('loading the configuration', () => {
  it('has a default for everything', async () => {
    const { config, files } = await loadConfig({ environment: {} });
    expect(config).toMatchObject({
      resilience: { circuit_breaker_threshold: 5, request_timeout_ms: 30_000 },
      server: { host: '127.0.0.1', port: 8686 },
      multi_tenant: { enabled: false, isolation: 'strict' },
      receivers: {},
    });
    expect(files).toEqual([]);
  });

  it('lets a flag beat a variable, and a variable beat the file', async () => {
    const path = file('server: { port: 1000 }\nresilience: { max_retries: 1 }\nlog_level: warn\n');
    const environment = { SLUICE_LOG_LEVEL: 'error', TEAMS_MAX_RETRIES: '2', TEAMS_CLOUD: '' };
    const { config } = await loadConfig({ file: path, environment, flags: { port: 3000, logLevel: 'debug' } });
    expect(config.server.port).toBe(3000);
    expect(config.resilience.max_retries).toBe(2);
    expect(config.log_level).toBe('debug');
    expect(config.auth.cloud).toBe('public');
  });

  it('reads numbers, switches and lists from variables', async () => {
    const environment = { TEAMS_MULTI_TENANT_ENABLED: 'true', TEAMS_ALLOWED_TENANTS: 'contoso, fabrikam,' };
    expect((await loadConfig({ environment })).config.multi_tenant).toEqual({
      enabled: true,
      allowed_tenants: ['contoso', 'fabrikam'],
      isolation: 'strict',
    });
  });

  it('takes secrets from the environment, a file or as they are, and never shows them', async () => {
    file(`${webhook}\n`, 'hook.txt');
    const text =
      'receivers: { a: { webhook: "${env:HOOK}" }, b: { webhook: "file:hook.txt" }, default: { webhook: "HERE" } }';
    const loaded = await loadConfig({ file: file(text.replace('HERE', webhook)), environment: { HOOK: webhook } });
    const { a, b, default: plain } = loaded.config.receivers;
    const urls = [a, b, plain].flatMap((receiver) => Object(receiver!.fields).webhook as Secret | Secret[]);
    expect(urls.map((url) => url.reveal())).toEqual([webhook, webhook, webhook]);
    expect(loaded.files).toContain(join(folder, 'hook.txt'));
    expect(inspect(loaded.config, { depth: 10 }) + JSON.stringify(loaded.config)).not.toContain(SIG);
  });

  it.each([
    ['recievers: {}', 'recievers', /^Unknown key\. Valid: .*receivers/, '1:1'],
    ['server:\n  port: 99999', 'server.port', /65535/, '2:3'],
    ['server:\n  host: 0.0.0.0', 'server.api_keys', /Without keys the host must be one of 127\.0\.0\.1/, '1:1'],
    ['auth: { cloud: moon }', 'auth.cloud', /"public"/, '1:9'],
    ['receivers: { a: { webhook: "${env:NO_SUCH}" } }', 'receivers.a.webhook', /NO_SUCH is not set/, '1:19'],
    ['receivers: { a: { webhook: "file:none.txt" } }', 'receivers.a.webhook', /cannot be read/, '1:19'],
    ['receivers: { a: { webhook: "https://example.com/x" } }', 'receivers.a.webhook', /known webhook hosts/, '1:19'],
    ['receivers: { a: { webhook: "https://outlook.office.com/webhook/x" } }', 'receivers.a.webhook', /retired/, '1:19'],
    [`receivers: { a: { webhook: "${webhook}", template: x } }`, 'receivers.a.template', /none is defined/, '1:'],
    ['templates: { a: missing.json }', 'templates.a', /cannot be read/, '1:14'],
    [
      'resilience: { initial_backoff_ms: 9, max_backoff_ms: 8 }',
      'resilience.max_backoff_ms',
      /initial_backoff_ms/,
      '1:38',
    ],
    ['resilience: { webhook_rate_limit_per_second: 5 }', 'resilience.webhook_rate_limit_per_second', /<=4/, '1:15'],
    ['multi_tenant: { enabled: true }', 'multi_tenant.allowed_tenants', /Name the tenants/, '1:1'],
    ['routing: { route: { receivers: [x] } }', 'routing.route.receivers[0]', /Unknown receiver "x"/, '1:33'],
    ['auth: [', '', /Flow sequence/, '1:8'],
  ])('refuses %s with path, place and what is valid', async (text, path, message, where) => {
    const [fault] = await faultsOf(text);
    expect(fault).toMatchObject({ path, message: expect.stringMatching(message) });
    expect(fault!.source).toContain(`.yaml:${where}`);
  });

  it('names the variable or the flag in place of a line', async () => {
    expect(await faultsOf('', { TEAMS_MAX_RETRIES: 'many' })).toMatchObject([
      { source: 'TEAMS_MAX_RETRIES', path: 'resilience.max_retries' },
    ]);
    expect(await faultsOf('', {}, { port: 'x' })).toMatchObject([{ source: '--port', path: 'server.port' }]);
  });

  it('never says a value, whatever is wrong with it', async () => {
    const secret = 'canary-secret';
    const texts = [
      `auth: { client_secret: { nested: ${secret} } }`,
      `receivers: { a: { webhook: "https://example.com/?sig=${secret}" } }`,
      `receivers: { a: { webhook: ["${secret}", "x", "y"] } }`,
      `server: { host: 0.0.0.0, api_keys: [{ key: "" }, { key: ${secret}, tenant: 3 }] }`,
      `outbox: { url: "\${${secret}" }`,
    ];
    for (const text of texts) {
      const faults = await faultsOf(text);
      expect(faults.length).toBeGreaterThan(0);
      expect(JSON.stringify(faults)).not.toContain(secret);
      try {
        await loadConfig({ file: file(text), environment: {} });
      } catch (error) {
        expect(inspect(error)).not.toContain(secret);
      }
    }
  });

  it('sends everything to the only receiver, or to "default", when there is no routing', async () => {
    const receivers = (...names: string[]) =>
      `receivers: ${JSON.stringify(Object.fromEntries(names.map((name) => [name, { webhook }])))}`;
    expect((await loadConfig({ file: file(receivers('ops')), environment: {} })).routingText).toContain('"ops"');
    expect((await loadConfig({ file: file(receivers('ops', 'default')), environment: {} })).routingText).toContain(
      '"default"]',
    );
    expect(await faultsOf(receivers('ops', 'builds'))).toMatchObject([
      { path: 'routing', message: expect.stringContaining('Missing') },
    ]);
  });

  it('keeps tenants apart: keys and receivers name an allowed one', async () => {
    const text = (key: object, receiver: object) =>
      JSON.stringify({
        multi_tenant: { enabled: true, allowed_tenants: ['a', 'b'] },
        receivers: { default: { webhook, ...receiver } },
        server: { api_keys: [{ key: 'k', ...key }] },
      });
    expect(await faultsOf(text({ tenant: 'a' }, { tenant: 'b' }))).toEqual([]);
    expect((await faultsOf(text({}, { tenant: 'c' }))).map(({ path }) => path)).toEqual([
      'server.api_keys[0].tenant',
      'receivers.default.tenant',
    ]);
  });

  it('has a JSON Schema for editors that knows every key of a variable', async () => {
    const schema = configJsonSchema() as { properties: Record<string, unknown> };
    for (const { path } of Object.values(variables)) {
      type Node = { properties?: Record<string, Node>; additionalProperties?: Node; oneOf?: readonly Node[] };
      const found = path.reduce<Node | undefined>((node, key) => {
        // A receiver has the keys of its notifier.
        const forms = node?.oneOf ?? [node];
        return forms.flatMap((form) => form?.properties?.[key] ?? form?.additionalProperties ?? [])[0];
      }, schema as Node);
      expect(found, path.join('.')).toBeTypeOf('object');
    }
  });
});

describe('a connection from the environment', () => {
  const environment = {
    TEAMS_TENANT_ID: 't',
    TEAMS_CLIENT_ID: 'c',
    TEAMS_CLIENT_SECRET: 's',
    TEAMS_GRAPH_URL: 'http://127.0.0.1:1/v1.0/',
  };

  it('is what the commands connect with', async () => {
    expect(connectionOf((await loadConfig({ environment })).config)).toEqual({
      tenantId: 't',
      clientId: 'c',
      cloud: 'public',
      graphUrl: 'http://127.0.0.1:1/v1.0',
      maxRetries: 6,
      timeoutMs: 30_000,
      connectTimeoutMs: 10_000,
      breakerFailures: 5,
      credential: { kind: 'secret', secret: expect.anything() },
      proxy: { noProxy: [] },
    });
  });

  it('takes the resilience settings of the file', async () => {
    const resilience = {
      max_retries: 2,
      initial_backoff_ms: 300,
      max_backoff_ms: 4_000,
      circuit_breaker_threshold: 7,
      circuit_breaker_timeout_ms: 8_000,
      request_timeout_ms: 9_000,
      connection_timeout_ms: 1_000,
    };
    const patient = file(JSON.stringify({ resilience }));
    expect(connectionOf((await loadConfig({ file: patient, environment })).config)).toMatchObject({
      maxRetries: 2,
      initialBackoffMs: 300,
      maxBackoffMs: 4_000,
      breakerFailures: 7,
      breakerPauseMs: 8_000,
      timeoutMs: 9_000,
      connectTimeoutMs: 1_000,
    });
  });

  it('names every variable that is missing', async () => {
    const { config } = await loadConfig({ environment: {} });
    expect(() => connectionOf(config)).toThrow(/TEAMS_TENANT_ID .*TEAMS_CLIENT_ID .*TEAMS_CLIENT_SECRET .*not set/);
  });
});
