import { seededRandom } from '../../runtime/runtime.ts';
import { guid, type Random } from './generator/chance.ts';
import { generateChats } from './generator/chats.ts';
import { generateBeginning, generateThread, type Place } from './generator/conversation.ts';
import { generateOrganization } from './generator/organization.ts';
import { generatePeople } from './generator/people.ts';
import { scheduleThreads, shareOut, type ThreadTimes } from './generator/schedule.ts';
import { workTimes } from './generator/work-times.ts';
import type { StoredMessage } from './message.ts';
import { TenantStore } from './store.ts';
import { tenantIdOf } from './tenant-id.ts';
import type { TwinChannel } from './types.ts';

const DOMAIN = 'northwind.example';
const SITE = 'https://northwind.sharepoint.example/sites';
const HISTORY_MS = 400 * 86_400_000;
const MINUTE_MS = 60_000;
/** Chats draw from a stream of their own. */
const CHATS_SEED = 0x63_68_61_74;

export interface GenerateOptions {
  readonly teams: number;
  /** Per team. */
  readonly channels: number;
  /** Root messages per channel on average; the total is exact. */
  readonly messages: number;
  readonly users: number;
  /** Chats: one-to-one, of groups, of meetings. Default none. What a seed gives besides does not depend on them. */
  readonly chats?: number | undefined;
  readonly seed: number;
  /** The newest message is about this old; nothing is younger. */
  readonly nowMs: number;
  /** The oldest message is about from then: a community brought in from older systems. Default: 400 days before `nowMs`. */
  readonly since?: number | undefined;
  /** Share of the roots that have replies; default 0.3. */
  readonly repliesShare?: number;
  /** Replies per answered root on average, at least 1; default 3. The total is exact. */
  readonly repliesPerThread?: number;
}

/**
 * A company with a year of conversations. The same options give the same tenant on every machine; at another moment
 * the same people say the same, at times that fit that calendar.
 */
export function generateTenant(options: GenerateOptions): TenantStore {
  const { seed, users, nowMs } = options;
  const random = seededRandom(seed);
  // The id was drawn here once: what a seed gives stays as it was.
  guid(random);
  const { teams, channels, messages, chats = 0 } = options;
  const id = tenantIdOf(['generated', seed, teams, channels, messages, users, ...(chats > 0 ? ['chats', chats] : [])]);
  const chatRandom = seededRandom(seed ^ CHATS_SEED);
  const tenant = new TenantStore({ id, displayName: 'Northwind Traders', random, chatRandom });
  const startMs = options.since ?? nowMs - HISTORY_MS;
  generateOrganization(tenant, random, {
    teams: options.teams,
    channels: options.channels,
    people: generatePeople(random, Math.max(1, users), DOMAIN),
    startMs,
  });
  tenant.addMessages(generateMessages(tenant, random, options, startMs));
  generateChats(tenant, chatRandom, { chats, messages, startMs, nowMs });
  return tenant;
}

function generateMessages(tenant: TenantStore, random: Random, options: GenerateOptions, startMs: number) {
  const channels = tenant.teams().flatMap(({ id }) => tenant.channels(id));
  const sizes = shareOut(random, channels.length * options.messages, channels.length);
  const plan = replyPlan(sizes, options);
  const endMs = options.nowMs - MINUTE_MS;
  const timeAt = workTimes(startMs, endMs);
  const messages: StoredMessage[] = [];
  let earlier: ThreadTimes[] = [];
  for (const [index, channel] of channels.entries()) {
    const place = placeOf(tenant, channel, options.nowMs);
    const [first] = earlier;
    const times = scheduleThreads(random, {
      ...plan[index]!,
      timeAt,
      endMs,
      ...(first && { sharedRootMs: first.rootMs }),
    });
    const beginning = times.find(({ replyMs }) => replyMs.length === 0);
    for (const thread of times) {
      if (thread === beginning) messages.push(generateBeginning(random, place, thread.rootMs));
      else messages.push(...generateThread(random, place, thread));
    }
    earlier = times;
  }
  return messages;
}

interface ChannelPlan {
  readonly roots: number;
  readonly answered: number;
  readonly replies: number;
}

/** Rounds over the running total, so that the sums over all channels are exact. */
function replyPlan(sizes: readonly number[], options: GenerateOptions): ChannelPlan[] {
  const { repliesShare = 0.3, repliesPerThread = 3 } = options;
  let roots = 0;
  let answered = 0;
  let replies = 0;
  return sizes.map((size) => {
    roots += size;
    const nowAnswered = Math.min(size, Math.round(roots * repliesShare) - answered);
    answered += nowAnswered;
    const nowReplies = nowAnswered === 0 ? 0 : Math.max(nowAnswered, Math.round(answered * repliesPerThread) - replies);
    replies += nowReplies;
    return { roots: size, answered: nowAnswered, replies: nowReplies };
  });
}

function placeOf(tenant: TenantStore, channel: TwinChannel, nowMs: number): Place {
  const members = tenant.channelMembers(channel.id).map(({ userId }) => tenant.user(userId)!);
  const site = channel.teamId.slice(0, 8);
  const folderUrl = `${SITE}/${site}/Shared Documents/${channel.displayName.replace(/[^\p{L}\p{N} ]/gu, '').trim()}`;
  return { where: channel, members, folderUrl, nowMs };
}
