import type { StoredMessage } from '../message.ts';
import type { TenantStore } from '../store.ts';
import type { TwinChannel } from '../types.ts';
import { generateBeginning, generateThread, type Place } from './conversation.ts';
import type { GenerateOptions, Generation } from './generation.ts';
import { giveHostedContents } from './hosted-contents.ts';
import { scheduleThreads, shareOut, type ThreadTimes } from './schedule.ts';
import { workTimes } from './work-times.ts';

const SITE = 'https://northwind.sharepoint.example/sites';
const MINUTE_MS = 60_000;

/** What is said in the channels. */
export function generateChannelMessages(tenant: TenantStore, generation: Generation): void {
  const { options, random, startMs } = generation;
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
      sharedRootMs: first?.rootMs,
    });
    const beginning = times.find(({ replyMs }) => replyMs.length === 0);
    for (const thread of times) {
      if (thread === beginning) messages.push(generateBeginning(random, place, thread.rootMs));
      else messages.push(...generateThread(random, place, thread));
    }
    earlier = times;
  }
  giveHostedContents(generation.streamOf('hosted_contents'), messages);
  tenant.addMessages(messages);
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
