import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { recordedBehaviour } from '../../../src/simulator/graph/behaviour.ts';
import { fastRuntime } from '../../support/fast-runtime.ts';
import { allRows, allTruth, withFolder } from '../../support/lake.ts';
import { readAll, servedTwin, smallTenant, type TestTwin } from '../../support/served-twin.ts';
import { runSync } from '../../support/sync.ts';
import { type TestTwin as SyncTwin, startTwin } from '../../support/twin.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

describe('answers as they were recorded', () => {
  let served: TestTwin;
  beforeAll(async () => {
    served = await servedTwin({ tenant: smallTenant({ messages: 120 }), behaviour: recordedBehaviour });
  });
  afterAll(() => served[Symbol.asyncDispose]());

  it('links have plain ids with : and @, and those of getAllMessages keep the query', async () => {
    const list = (await served.get(`${served.channel}/messages?$top=20`)).body['@odata.nextLink'] as string;
    expect(list).toMatch(/\/v1\.0\/teams\/[\w-]+\/channels\/19:\w+@thread\.tacv2\/messages\?\$skiptoken=/);
    const filter = 'lastModifiedDateTime gt 2020-01-01T00:00:00Z';
    const { body } = await served.get(`${served.team}/channels/getAllMessages?$top=20&$filter=${filter}`);
    const link = new URL(body['@odata.nextLink']);
    expect([link.searchParams.get('$top'), link.searchParams.get('$filter')]).toEqual(['20', filter]);
  });

  it('most pages are short, and every row comes once all the same', async () => {
    const { rows, pages } = await readAll(served, `${served.team}/channels/getAllMessages?$top=20`);
    const full = pages.slice(0, -1);
    const short = full.filter((page) => page.value.length < 20).length;
    expect(short / full.length).toBeGreaterThan(0.5);
    const truth = served.twin.tenant.teamMessages(served.twin.tenant.teams()[0]!.id);
    expect(rows.length).toBe(truth.length);
  });

  it.each([
    ['gzip, deflate', { 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' }],
    ['identity', { 'content-length': expect.any(String) }],
  ])('a client that accepts %s gets %o', async (accepted, headers) => {
    const authorization = `Bearer ${await served.token()}`;
    const got = await new Promise((resolve) => {
      request(`${served.url}/v1.0/teams`, { headers: { authorization, 'accept-encoding': accepted } }, (response) => {
        response.resume();
        resolve(response.headers);
      }).end();
    });
    expect(got).toMatchObject(headers);
  });
});

describe('a tenant that answers as recorded', () => {
  const runtime = fastRuntime(40);
  let twin: SyncTwin;
  beforeAll(async () => {
    const size = { teams: 2, channels: 3, messages: 60, users: 20, seed: 5 };
    twin = await startTwin({ ...size, limits: 'none', profile: 'recorded' }, { runtime });
  });
  afterAll(() => twin.close());

  it.each(['export', 'recent', 'delta', 'full'])('is read whole by %s', async (strategy) => {
    await withFolder(async (lake) => {
      const report = await runSync({ env: twin.env, lake, runtime, strategy });
      expect(report.outcome, JSON.stringify(report)).toBe('ok');
      expect(await allRows(lake)).toEqual(await allTruth(twin.ledger));
    });
  });
});
