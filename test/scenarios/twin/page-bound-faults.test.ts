import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pageEdits } from '../../../src/simulator/faults/fault-rule.ts';
import { servedTwin, smallTenant, type TestTwin } from '../../support/served-twin.ts';

let served: TestTwin;
beforeAll(async () => {
  served = await servedTwin({ tenant: smallTenant({ messages: 120, repliesShare: 0.5 }) });
});
afterAll(() => served[Symbol.asyncDispose]());
afterEach(() => served.control('DELETE', '/faults'));

const list = () => `${served.channel}/messages?$top=50&$expand=replies`;
const exported = () => `${served.team}/channels/getAllMessages?$top=50`;
const set = async (rule: Record<string, unknown>) => {
  const { status, body } = await served.control('POST', '/faults', rule);
  expect(status, JSON.stringify(body)).toBe(201);
};
const raw = async (path: string): Promise<{ status: number; bytes: Buffer }> => {
  const answer = await fetch(path.startsWith('http') ? path : `${served.url}/v1.0${path}`, {
    headers: { authorization: `Bearer ${await served.token()}` },
  });
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
};

/** Status and rows of each page; a refused one is passed by the link that stands in `links`. */
async function statuses(path: string): Promise<number[]> {
  const all: number[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const { status, body } = await served.get(next);
    all.push(status);
    next = body['@odata.nextLink'];
  }
  return all;
}

/** A reply of the first channel, its root and where both stand among all messages of the team. */
function someReply() {
  const { tenant } = served.twin;
  const [team] = tenant.teams();
  const [channel] = tenant.channels(team!.id);
  const root = tenant.roots(channel!.id).find((candidate) => tenant.replies(candidate).length > 1)!;
  return { team: team!, channel: channel!, root, reply: tenant.replies(root)[0]! };
}

describe('a fault that is bound to a record', () => {
  it('hits whatever answer holds it: list, export, thread, single message, delta', async () => {
    const { channel, root, reply } = someReply();
    await set({ kind: 'status', status: 500, holds: { id: reply.id, channelId: channel.id, rootId: root.id } });
    const thread = `${served.channel}/messages/${root.id}/replies`;
    expect((await served.get(thread)).status).toBe(500);
    expect((await served.get(`${thread}/${reply.id}`)).status).toBe(500);
    expect((await served.get(`${served.channel}/messages/${root.id}`)).status).toBe(200);
    for (const path of [list(), exported(), `${served.channel}/messages/delta?$expand=replies`]) {
      expect((await statuses(path)).at(-1), path).toBe(500);
    }
  });

  it('is the nth message, oldest first, of all or of a team or channel, whatever is written later', async () => {
    const { team, channel } = someReply();
    const messages = [...served.twin.tenant.changes(channel.id, 0)].sort((a, b) => a.createdMs - b.createdMs);
    await set({ kind: 'status', status: 500, holds: { message: 1, of: messages.length, channelId: channel.id } });
    await set({ kind: 'status', status: 501, holds: { message: -1, channelId: channel.id } });
    await served.control('POST', '/events', { type: 'post', teamId: team.id, channelId: channel.id });
    const one = (nth: number) => {
      const message = messages.at(nth)!;
      const path = message.root ? `${message.root.id}/replies/${message.id}` : message.id;
      return served.get(`${served.channel}/messages/${path}`);
    };
    expect([(await one(0)).status, (await one(-1)).status, (await one(1)).status]).toEqual([500, 501, 200]);
  });

  it('a number of messages that is not there is refused', async () => {
    const { status, body } = await served.control('POST', '/faults', { kind: 'status', holds: { message: 1, of: 3 } });
    expect([status, body.error.code, body.error.field]).toEqual([400, 'twin_input_invalid', 'holds.of']);
  });

  it('plays so many times and then no more', async () => {
    const { root } = someReply();
    await set({ kind: 'status', status: 502, holds: { id: root.id }, times: 2 });
    const answers = [];
    for (let count = 0; count < 4; count++) {
      answers.push((await served.get(`${served.channel}/messages/${root.id}`)).status);
    }
    expect(answers).toEqual([502, 502, 200, 200]);
  });
});

describe('a fault that is bound to a page', () => {
  it('is the nth page of any list', async () => {
    await set({ kind: 'status', status: 502, pages: [2] });
    expect(await statuses(list())).toEqual([200, 502]);
    expect(await statuses(exported())).toEqual([200, 502]);
  });

  it('is a request with a query option, sent or carried in the token', async () => {
    await set({ kind: 'status', status: 502, query: { $skiptoken: '*', $top: '50' } });
    expect(await statuses(exported())).toEqual([200, 502]);
    expect((await statuses(`${served.team}/channels/getAllMessages?$top=20`)).includes(502)).toBe(false);
  });

  it('is a request whose time range covers a moment', async () => {
    const moment = '2020-01-01T00:00:00Z';
    await set({ kind: 'status', status: 500, route: '/teams/{id}/channels/getAllMessages', covers: moment });
    const range = (from: string, to: string) =>
      served.get(`${exported()}&$filter=lastModifiedDateTime gt ${from} and lastModifiedDateTime lt ${to}`);
    expect((await range('2019-12-31T00:00:00Z', '2020-01-02T00:00:00Z')).status).toBe(500);
    expect((await range('2020-01-01T00:00:00Z', '2020-01-02T00:00:00Z')).status).toBe(200);
    expect((await served.get(exported())).status).toBe(500);
  });

  it('answers with any status, body and headers, word for word', async () => {
    await set({
      kind: 'answer',
      status: 402,
      body: { error: { code: 'PaymentRequired', message: 'x' } },
      headers: { 'x-odd': '1' },
    });
    const answer = await served.get(exported());
    expect([answer.status, answer.headers.get('x-odd'), answer.body]).toEqual([
      402,
      '1',
      { error: { code: 'PaymentRequired', message: 'x' } },
    ]);
  });

  it.each([
    [402, 'PaymentRequired'],
    [404, 'ItemNotFound'],
    [412, 'PreconditionFailed'],
  ])('%i has the code %s', async (status, code) => {
    await set({ kind: 'status', status });
    expect((await served.get(exported())).body.error.code).toBe(code);
  });

  it('is cut within the body after a share of it', async () => {
    await set({ kind: 'cut-off', pages: [1], share: 0.9 });
    await expect(raw(list())).rejects.toThrow();
  });
});

describe('an edit of the bytes', () => {
  const edited = async (rule: Record<string, unknown>, path = list()) => {
    const before = await raw(path);
    await set({ kind: 'edit', ...rule });
    const after = await raw(path);
    expect(after.status).toBe(200);
    return { before: before.bytes, after: after.bytes, text: after.bytes.toString('latin1') };
  };
  const broken = (bytes: Buffer) => {
    try {
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
      return false;
    } catch {
      return true;
    }
  };

  it('control-character: a raw U+0001 in the body of the one message', async () => {
    const { root } = someReply();
    const { before, after } = await edited({ edit: 'control-character', holds: { id: root.id } });
    expect(after.length).toBe(before.length + 1);
    expect(broken(after)).toBe(true);
    const without = Buffer.from(after.filter((byte) => byte !== 1));
    expect(JSON.parse(without.toString())).toEqual(JSON.parse(before.toString()));
  });

  it('invalid-utf8: a byte that is in no text', async () => {
    const { after } = await edited({ edit: 'invalid-utf8' });
    expect(broken(after)).toBe(true);
    expect(after.includes(0xff)).toBe(true);
  });

  it('text-after-colon: a stray word before the value', async () => {
    const { after, text } = await edited({ edit: 'text-after-colon', text: 'SECRETWORD' });
    expect(text).toContain('"content":SECRETWORD "');
    expect(broken(after)).toBe(true);
  });

  it('truncated: the page ends within the value, its length is right', async () => {
    const { before, after } = await edited({ edit: 'truncated' });
    expect(after.length).toBeLessThan(before.length);
    expect(broken(after)).toBe(true);
  });

  it('duplicate-key: good JSON that says something twice', async () => {
    const { after, text } = await edited({ edit: 'duplicate-key', field: 'subject', value: 'twice' });
    expect(text).toMatch(/"subject":(null|"[^"]*"),"subject":"twice"/);
    expect(broken(after)).toBe(false);
  });

  it('set: another shape, in every record or the one that is held', async () => {
    const { root } = someReply();
    const { after } = await edited({ edit: 'set', field: 'from/user', value: ['no user'], holds: { id: root.id } });
    const rows = JSON.parse(after.toString()).value as { from: { user: unknown } | null }[];
    expect(rows.filter((row) => Array.isArray(row.from?.user)).length).toBe(1);
    await served.control('DELETE', '/faults');
    const all = await edited({ edit: 'set', field: 'reactions', value: 7 });
    expect(JSON.parse(all.after.toString()).value.every((row: { reactions: unknown }) => row.reactions === 7)).toBe(
      true,
    );
  });

  it('without: the links of the page or of its threads are missing', async () => {
    const { after } = await edited({ edit: 'without', field: '/@odata.nextLink' });
    expect(JSON.parse(after.toString())).not.toHaveProperty(['@odata.nextLink']);
  });

  it('blanks: after colons and commas, outside texts only', async () => {
    const { before, after, text } = await edited({ edit: 'blanks' });
    expect(text).toContain('"value": [');
    expect(JSON.parse(after.toString())).toEqual(JSON.parse(before.toString()));
  });

  it('every edit has its test', () => {
    expect([...pageEdits].sort()).toEqual([
      'blanks',
      'control-character',
      'duplicate-key',
      'invalid-utf8',
      'set',
      'text-after-colon',
      'truncated',
      'without',
    ]);
  });
});

describe('a listing that shrinks', () => {
  it('empty-listing has no rows and no link', async () => {
    await set({ kind: 'empty-listing', route: '/users' });
    expect((await served.get('/users')).body).toEqual({ '@odata.context': expect.any(String), value: [] });
  });

  it('shrunken-listing has the same share of the rows every time', async () => {
    const ids = async () => (await served.get('/users')).body.value.map(({ id }: { id: string }) => id);
    const whole = await ids();
    await set({ kind: 'shrunken-listing', route: '/users', share: 0.5 });
    const some = await ids();
    expect(some.length).toBeGreaterThan(0);
    expect(some.length).toBeLessThan(whole.length);
    expect(await ids()).toEqual(some);
  });
});
