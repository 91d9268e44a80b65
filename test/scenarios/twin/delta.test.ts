import { describe, expect, it } from 'vitest';
import { readAll, servedTwin, type TestTwin } from '../../support/served-twin.ts';

const dayMs = 86_400_000;

async function deltaLink(served: TestTwin, query = ''): Promise<{ rows: { id: string }[]; link: string }> {
  const { rows, pages } = await readAll(served, `${served.channel}/messages/delta?$top=50${query}`);
  for (const page of pages.slice(0, -1)) expect(page['@odata.deltaLink']).toBeUndefined();
  return { rows, link: pages.at(-1)['@odata.deltaLink'] };
}

describe('messages/delta', () => {
  it('gives the roots of eight months, then nothing new', async () => {
    await using served = await servedTwin();
    const { tenant, clock } = served.twin;
    const channel = tenant.channels(tenant.teams()[0]!.id)[0]!;
    const young = tenant.roots(channel.id).filter(({ activityMs }) => activityMs > clock.now() - 244 * dayMs);
    const { rows, link } = await deltaLink(served);
    expect(rows.map(({ id }) => id).sort()).toEqual(young.map(({ id }) => id).sort());
    expect(young.length).toBeLessThan(tenant.roots(channel.id).length);
    const idle = await served.get(link);
    expect(idle.body.value).toEqual([]);
    expect(idle.body['@odata.deltaLink']).toBeTruthy();
  });

  it('brings replies when they are expanded', async () => {
    await using served = await servedTwin();
    const { rows } = await deltaLink(served, '&$expand=replies');
    expect(rows.some((row) => (row as unknown as { replies: unknown[] }).replies.length > 0)).toBe(true);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  it('takes gt on lastModifiedDateTime and nothing else', async () => {
    await using served = await servedTwin();
    const since = new Date(served.twin.clock.now() - 60 * dayMs).toISOString();
    const { rows } = await deltaLink(served, `&$filter=lastModifiedDateTime gt ${since}`);
    const all = await deltaLink(served);
    expect(rows.length).toBeLessThan(all.rows.length);
    expect((await served.get(`${served.channel}/messages/delta?$filter=lastModifiedDateTime lt ${since}`)).status).toBe(
      400,
    );
  });

  it('answers a token past its life with 410 and where to start over', async () => {
    await using served = await servedTwin();
    const { link } = await deltaLink(served);
    served.twin.clock.advance(31 * dayMs);
    const { status, body, headers } = await served.get(link);
    expect([status, body.error.code]).toEqual([410, 'SyncStateNotFound']);
    expect((await served.get(headers.get('location')!)).status).toBe(200);
  });

  it('or with 400 syncStateNotFound', async () => {
    await using served = await servedTwin({ behaviour: { expiredDeltaToken: 'bad-request' } });
    const { link } = await deltaLink(served);
    served.twin.clock.advance(31 * dayMs);
    const { status, body } = await served.get(link);
    expect([status, body.error.code]).toEqual([400, 'syncStateNotFound']);
  });

  it('can refuse an empty channel on its second page, as met in 2021', async () => {
    await using served = await servedTwin({ behaviour: { emptyChannelDelta: 'refused' } });
    const { tenant } = served.twin;
    const id = '19:empty@thread.tacv2';
    tenant.addChannel({ ...tenant.channels(tenant.teams()[0]!.id)[0]!, id, displayName: 'Empty' });
    const first = await served.get(`${served.team}/channels/${id}/messages/delta`);
    expect(first.body).toMatchObject({ value: [], '@odata.nextLink': expect.any(String) });
    const second = await served.get(first.body['@odata.nextLink']);
    expect(second.status).toBe(400);
    expect(second.body.error.message).toBe("Parameter 'DeltaToken' not supported for this request.");
  });

  it('brings what changed, deletes as deletedDateTime', async () => {
    await using served = await servedTwin();
    const { link } = await deltaLink(served);
    const { tenant } = served.twin;
    const { id: channelId } = tenant.channels(tenant.teams()[0]!.id)[0]!;
    const [edited, deleted] = tenant
      .roots(channelId)
      .filter(({ deletedMs, eventDetail, from }) => !deletedMs && !eventDetail && from);
    await served.control('POST', '/events', [
      { type: 'edit', channelId, messageId: edited!.id },
      { type: 'delete', channelId, messageId: deleted!.id },
    ]);
    const { body } = await served.get(link);
    expect(body.value.map(({ id }: { id: string }) => id)).toEqual([edited!.id, deleted!.id]);
    expect(body.value.map(({ deletedDateTime }: { deletedDateTime: unknown }) => deletedDateTime !== null)).toEqual([
      false,
      true,
    ]);
    expect((await served.get(body['@odata.deltaLink'])).body.value).toEqual([]);
  });

  it('refuses the delta of replies', async () => {
    await using served = await servedTwin();
    const { body } = await served.get(`${served.channel}/messages/1/replies/delta`);
    expect(body.error.message).toContain('Change tracking is not supported');
  });
});
