import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/start-simulator.ts';
import { cli } from '../../support/cli.ts';

/** Small: what is looked at is the sign-in. */
const tenant = { teams: 1, channels: 1, messages: 1, users: 2, limits: 'none' } as const;

let simulator: Simulator;
afterEach(() => simulator.close());

async function signedInBy(credential: 'secret' | 'certificate' | 'federated' | 'managed') {
  simulator = await startSimulator({ ...tenant, credential });
  return { ...simulator.env } as Record<string, string>;
}

describe('every way to sign in', () => {
  it.each(['secret', 'certificate', 'federated', 'managed'] as const)('works end to end by %s', async (credential) => {
    const { code, out } = await cli(['check', '--tables', 'teams', '--json'], await signedInBy(credential));
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ permissions: expect.arrayContaining(['Team.ReadBasic.All']) });
  });

  it('asks the metadata service where the machine has no other endpoint', async () => {
    const { IDENTITY_ENDPOINT, IDENTITY_HEADER, ...env } = await signedInBy('managed');
    const machine = { ...env, AZURE_POD_IDENTITY_AUTHORITY_HOST: simulator.url };
    expect([IDENTITY_ENDPOINT, IDENTITY_HEADER]).not.toContain(undefined);
    expect(await cli(['check', '--tables', 'teams'], machine)).toMatchObject({ code: 0 });
  });
});

describe('a way that does not lead in', () => {
  it.each([
    ['managed', { TEAMS_MANAGED_IDENTITY: '99999999-8888-7777-6666-555555555555' }, 'managed_identity_missing'],
    ['managed', { IDENTITY_HEADER: 'another' }, 'managed_identity_unavailable'],
    ['managed', { TEAMS_TENANT_ID: '99999999-8888-7777-6666-555555555555' }, 'tenant_mismatch'],
    ['managed', { TEAMS_CLIENT_SECRET: 's' }, 'auth.managed_identity: Stands beside auth.client_secret'],
    ['managed', { TEAMS_MANAGED_IDENTITY: 'mine' }, 'auth.managed_identity: Must be "system" or the client id'],
    ['federated', { TEAMS_FEDERATED_TOKEN_FILE: '/nowhere/token' }, 'federated_token_unusable'],
    ['federated', { TEAMS_CLIENT_ID: '' }, 'TEAMS_CLIENT_ID (auth.client_id) is not set'],
  ] as const)('by %s with %o is told as "%s"', async (credential, change, said) => {
    const answer = await cli(['check', '--tables', 'teams'], { ...(await signedInBy(credential)), ...change });
    expect(answer.code).not.toBe(0);
    expect(`${answer.out}${answer.err}`).toContain(said);
  });

  it('does not show what stands in the file of a federated token', async () => {
    const env = await signedInBy('federated');
    await writeFile(env['TEAMS_FEDERATED_TOKEN_FILE']!, 'canary text');
    const { code, out, err } = await cli(['check', '--tables', 'teams'], env);
    expect(code).toBe(2);
    expect(`${out}${err}`).toContain('federated_token_unusable');
    expect(`${out}${err}`).not.toContain('canary');
  });
});

describe('a federated token', () => {
  it('is read again at every sign-in', async () => {
    const env = await signedInBy('federated');
    const file = env['TEAMS_FEDERATED_TOKEN_FILE']!;
    await writeFile(file, `${'e'.repeat(20)}.${'e'.repeat(20)}.${'e'.repeat(20)}`);
    expect((await cli(['check', '--tables', 'teams'], env)).code).toBe(1);
  });
});
