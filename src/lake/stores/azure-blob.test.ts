import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { ContainerSASPermissions, generateBlobSASQueryParameters } from '@azure/storage-blob';
import { afterAll, describe, expect, it } from 'vitest';
import { objectStoreConformance } from '../../../test/conformance/object-store.ts';
import { azuriteAvailable, startAzurite, type TestAzurite } from '../../../test/support/azurite.ts';
import { temporaryFolder } from '../../../test/support/lake-pages.ts';
import { startProxy } from '../../../test/support/proxy.ts';
import { Secret } from '../../runtime/secret.ts';
import { selfSigned } from '../../simulator/login/self-signed.ts';
import { startSimulator } from '../../simulator/start-simulator.ts';
import { storeBelow } from './below.ts';
import { openStore } from './index.ts';
import type { OpenStoreOptions } from './store-kind.ts';

describe.skipIf(!azuriteAvailable())('Azurite', () => {
  let started: Promise<TestAzurite> | undefined;
  const azurite = () => (started ??= startAzurite());
  afterAll(async () => (await started)?.stop());

  async function opened(options: OpenStoreOptions = {}) {
    const { url, settings } = await (await azurite()).place();
    return openStore(url, { scratchDir: temporaryFolder(), settings, ...options });
  }

  objectStoreConformance('Azure Blob Storage', opened, async (copiesBytes) => {
    const fetched: string[] = [];
    return { store: await opened({ copiesBytes, onFetch: (key) => fetched.push(key) }), fetched };
  });
  objectStoreConformance('a folder of Azure Blob Storage', async () => storeBelow(await opened(), 'tenant_id=x'));

  /** A SAS of the container of a lake, that ends at an instant. */
  async function sasOf(url: string, endsAtMs: number): Promise<Secret> {
    const { credential } = await azurite();
    const values = {
      containerName: url.split('/')[3]!,
      permissions: ContainerSASPermissions.parse('racwdl'),
      expiresOn: new Date(endsAtMs),
    };
    return new Secret(generateBlobSASQueryParameters(values, credential).toString());
  }

  it('lets in by a SAS, with all that a lake needs', async () => {
    const { url, settings } = await (await azurite()).place();
    const { azure_endpoint } = settings;
    const azure_sas_token = await sasOf(url, Date.now() + 3_600_000);
    const scratchDir = temporaryFolder();
    const store = await openStore(url, { settings: { azure_endpoint, azure_sas_token }, scratchDir });
    expect(await store.putIfAbsent('tables/t/a.parquet', Buffer.from('one'))).toBe(true);
    await store.show('current/t', ['tables/t/a.parquet']);
    await store.delete(['tables/t/a.parquet', 'tables/t/b.parquet']);
    const keys: string[] = [];
    for await (const { key } of store.list('')) keys.push(key);
    expect(keys).toEqual(['current/t/a.parquet']);
    expect(store.description + inspect(store, { depth: 9 })).not.toContain('sig=');
  });

  it('lets in by a connection string, of its own account alone', async () => {
    const { url, settings } = await (await azurite()).place();
    const key = (settings['azure_account_key'] as Secret).reveal();
    const endpoint = String(settings['azure_endpoint']);
    const of = (account: string) =>
      new Secret(
        `AccountName=${account};AccountKey=${key};BlobEndpoint=${endpoint.replace('devstoreaccount1', account)};DefaultEndpointsProtocol=http`,
      );
    const open = (value: Secret) => openStore(url, { settings: { azure_connection_string: value } });
    await (await open(of('devstoreaccount1'))).put('a', Buffer.from('one'));
    await expect(open(of('fabrikam'))).rejects.toMatchObject({ code: 'store_setting_invalid' });
    await expect(open(new Secret('CANARY'))).rejects.toMatchObject({ code: 'store_setting_invalid' });
  });

  it.each([
    ['that has ended', async (url: string) => ({ azure_sas_token: await sasOf(url, Date.now() - 3_600_000) })],
    [
      'of another key',
      async () => ({ azure_account_key: new Secret(Buffer.from('CANARY'.repeat(9)).toString('base64')) }),
    ],
  ])('says what to do about a credential %s, and shows nothing of it', async (_, credential) => {
    const { url, settings } = await (await azurite()).place();
    const { azure_endpoint } = settings;
    const given = await credential(url);
    const store = await openStore(url, { settings: { azure_endpoint, ...given } });
    const [secret] = Object.values(given) as [Secret];
    for (const ask of [
      () => store.get('a'),
      () => store.putIfAbsent('a', new Uint8Array(1)),
      () => store.delete(['a', 'b']),
    ]) {
      const error: unknown = await ask().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'store_denied', recovery: 'user_action' });
      const shown = inspect(error, { depth: 9, showHidden: true });
      for (const part of [secret.reveal(), 'sig=', 'SharedKey']) expect(shown).not.toContain(part);
    }
  });

  it('says that the container is not there', async () => {
    const { settings } = await (await azurite()).place();
    const store = await openStore('az://devstoreaccount1/never/lake', { settings });
    await expect(store.get('a')).rejects.toMatchObject({ code: 'store_container_missing' });
    await expect(store.put('a', new Uint8Array(1))).rejects.toMatchObject({ code: 'store_container_missing' });
  });
});

/** A name that only the proxy knows. */
const BLOBS = 'blobs.contoso.example';

/** A blob service that has nothing, by https under a certificate of its own, and who asked it. */
async function emptyService() {
  const signed = selfSigned({ commonName: 'blob', hosts: ['127.0.0.1', BLOBS], nowMs: Date.now() });
  const asked: (string | undefined)[] = [];
  const server = createServer({ key: signed.privateKeyPem, cert: signed.certificatePem }, (request, answer) => {
    asked.push(request.headers.authorization);
    answer.writeHead(404, { 'x-ms-error-code': 'BlobNotFound' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    host: `127.0.0.1:${port}`,
    ca: signed.certificatePem,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A twin whose login gives tokens to the identity of the machine. */
const withIdentity = { teams: 1, channels: 1, messages: 1, users: 2, limits: 'none', credential: 'managed' } as const;

describe('without a credential', () => {
  it.each(['system', 'assigned'] as const)(
    'the identity of the machine signs in (%s), by the proxy and with the authority of the network',
    async (which) => {
      await using blobs = await emptyService();
      const proxy = await startProxy({ routes: { [`${BLOBS}:443`]: blobs.host } });
      const twin = await startSimulator(withIdentity);
      try {
        const store = await openStore('az://account/container/lake', {
          environment: twin.env,
          scratchDir: temporaryFolder(),
          settings: {
            azure_endpoint: `https://${BLOBS}/account`,
            azure_identity: which === 'assigned' ? twin.env['TEAMS_CLIENT_ID']! : 'system',
          },
          network: { ca: blobs.ca, proxy: { httpsProxy: new Secret(proxy.url) } },
        });
        expect(await store.get('a')).toBeUndefined();
        expect(blobs.asked.length).toBeGreaterThan(0);
        for (const authorization of blobs.asked) expect(authorization).toMatch(/^Bearer \S+$/);
        expect(proxy.asked).toContain(`CONNECT ${BLOBS}:443`);
        expect(inspect(store, { depth: 9 })).not.toContain('Bearer');
      } finally {
        await twin.close();
        await proxy.close();
      }
    },
  );

  it('an authority that nobody named is not trusted', async () => {
    await using blobs = await emptyService();
    const twin = await startSimulator(withIdentity);
    try {
      const settings = { azure_endpoint: `https://${blobs.host}/account` };
      const store = await openStore('az://account/container/lake', { environment: twin.env, settings });
      await expect(store.get('a')).rejects.toMatchObject({ code: 'certificate_untrusted' });
      expect(blobs.asked).toEqual([]);
    } finally {
      await twin.close();
    }
  });
});
