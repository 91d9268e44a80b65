import type { Lake } from '../src/lake/types.ts';

/** As Graph's pages: a file of a first load holds 500 of them. */
const PAGE = 50;
const CHANNELS = 160;
const EPOCH_MS = Date.UTC(2024, 0, 1);
/** Two minutes apart: 600,000 messages are two years. */
const timeOf = (at: number) => new Date(EPOCH_MS + at * 120_000).toISOString();

export function message(at: number, changedAt = at) {
  return {
    id: String(EPOCH_MS + at * 120_000),
    replyToId: null,
    messageType: 'message',
    createdDateTime: timeOf(at),
    lastModifiedDateTime: timeOf(changedAt),
    from: { user: { id: `u${at % 400}`, displayName: `User ${at % 400}` } },
    body: { contentType: 'html', content: `<p>${'a word and another '.repeat(1 + (at % 20))}${at}</p>` },
    channelIdentity: { teamId: `t${at % 20}`, channelId: `c${at % CHANNELS}` },
    reactions:
      at % 4 === 0 ? [{ reactionType: 'like', createdDateTime: timeOf(at), user: { user: { id: 'u1' } } }] : [],
    mentions: [],
    attachments: [],
  };
}

export type Message = ReturnType<typeof message>;

export async function land(lake: Lake, loadId: string, pages: Iterable<readonly Message[]>): Promise<void> {
  const load = await lake.begin({ loadId });
  for (const value of pages) {
    const bytes = Buffer.from(JSON.stringify({ value }));
    await load.append({ resource: 'channel_messages', partition: 't', context: { fetchedAt: timeOf(0) }, bytes });
  }
  load.advance('channel_messages', 't', { through: loadId });
  await load.close();
}

export function* pagesOf(count: number): Generator<readonly Message[]> {
  for (let from = 0; from < count; from += PAGE) {
    yield Array.from({ length: Math.min(PAGE, count - from) }, (_, at) => message(from + at));
  }
}
