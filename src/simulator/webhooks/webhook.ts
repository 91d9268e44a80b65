import { webhookLimits } from '../../limits/webhook-limits.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { SlidingWindow } from '../limits/sliding-window.ts';
import type { BehaviourName } from './behaviours.ts';
import type { Shown } from './checks.ts';
import { createPlayer, type Script, type Step, stepSchema } from './script.ts';

export type TwinWebhookKind = 'workflow' | 'connector';

/** One request that reached a webhook. */
export interface LedgerEntry {
  readonly atMs: number;
  /** From the header `webhook-id`. */
  readonly messageId?: string;
  readonly bytes: number;
  /** What was done with it, or the check that refused it. */
  readonly behaviour: BehaviourName | 'over-limit' | 'refused';
  /** Status of the answer; absent when none was given. */
  readonly status?: number;
  /** `none`: neither posted nor failed; `running`: the flow has not ended. */
  run: 'posted' | 'failed' | 'none' | 'running';
  reason?: string;
  /** The same message had been posted before. */
  duplicate: boolean;
}

/** One message in the channel. */
export interface Post extends Shown {
  readonly atMs: number;
  readonly messageId?: string;
}

/** A webhook of the twin: who posts where, what it was told to do, and everything that came. */
export interface TwinWebhook {
  readonly id: string;
  readonly kind: TwinWebhookKind;
  /** The signature in its URL. */
  readonly signature: string;
  readonly ledger: LedgerEntry[];
  readonly posts: Post[];
  /** What it does with the next request. */
  nextStep(): Step;
  load(script: Script): void;
  /** Counts a request; the wait until the next would fit when this one does not. */
  overLimitMs(nowMs: number): number | undefined;
  /** Puts a message into the channel. */
  post(entry: LedgerEntry, shown: Shown, nowMs: number): void;
  /** Forgets what came, not what it was told to do. */
  clear(): void;
}

/** Messages that a channel keeps, so that a long run does not fill the memory; the ledger keeps every line. */
const KEPT_POSTS = 1_000;

export function createTwinWebhook(options: {
  readonly id: string;
  readonly kind: TwinWebhookKind;
  readonly runtime: Runtime;
  readonly limits: 'published' | 'none';
}): TwinWebhook {
  const { id, kind, runtime, limits } = options;
  const windows =
    limits === 'none' ? [] : webhookLimits[kind].windows.map((row) => new SlidingWindow(row.limit, row.windowMs));
  const player = createPlayer(stepSchema.parse({ do: kind === 'workflow' ? 'flow' : 'retired' }));
  const postedIds = new Set<string>();
  const ledger: LedgerEntry[] = [];
  const posts: Post[] = [];
  return {
    id,
    kind,
    signature: Buffer.from(runtime.id()).toString('base64url'),
    ledger,
    posts,
    nextStep: player.play,
    load: player.load,
    overLimitMs: (nowMs) => {
      const full = windows.filter((window) => !window.add(nowMs, 1));
      return full.length === 0 ? undefined : Math.max(...full.map((window) => window.waitMs(nowMs, 1)));
    },
    post: (entry, shown, nowMs) => {
      const { messageId } = entry;
      entry.run = 'posted';
      entry.duplicate = messageId !== undefined && postedIds.has(messageId);
      if (messageId !== undefined) postedIds.add(messageId);
      posts.push({ atMs: nowMs, ...(messageId !== undefined && { messageId }), ...shown });
      if (posts.length > KEPT_POSTS) posts.shift();
    },
    clear: () => {
      postedIds.clear();
      ledger.length = 0;
      posts.length = 0;
    },
  };
}

/** How many of each there were. */
export function countsOf({ ledger }: TwinWebhook) {
  const count = (holds: (entry: LedgerEntry) => boolean) => ledger.filter(holds).length;
  return {
    arrived: ledger.length,
    posted: count(({ run }) => run === 'posted'),
    failed: count(({ run }) => run === 'failed'),
    duplicates: count(({ duplicate }) => duplicate),
  };
}
