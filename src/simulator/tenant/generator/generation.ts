import { createHash } from 'node:crypto';
import { seededRandom } from '../../../runtime/runtime.ts';
import type { Random } from './chance.ts';

const HISTORY_MS = 400 * 86_400_000;

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
  readonly repliesShare?: number | undefined;
  /** Replies per answered root on average, at least 1; default 3. The total is exact. */
  readonly repliesPerThread?: number | undefined;
}

/** A tenant while it is generated. */
export interface Generation {
  readonly options: GenerateOptions;
  /** What people, teams, channels and their messages are drawn from, one after the other. */
  readonly random: Random;
  /** About when the first message was written. */
  readonly startMs: number;
  /** Chance of a collection of its own: with it or without, the same seed gives the same else. */
  streamOf(collection: string): Random;
}

export function newGeneration(options: GenerateOptions, random: Random): Generation {
  return {
    options,
    random,
    startMs: options.since ?? options.nowMs - HISTORY_MS,
    streamOf: (collection) => {
      const digest = createHash('sha256').update(`${options.seed} ${collection}`).digest();
      return seededRandom(digest.readUInt32BE(0));
    },
  };
}
