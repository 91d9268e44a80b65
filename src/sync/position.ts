import type { PartitionKey, Position } from '../lake/types.ts';

/**
 * How far the messages of a partition (a team, or one channel) were read. Every strategy keeps the same promise with
 * `through`, so that one can continue where another stopped: every message last modified at or before it is in the lake.
 */
export interface MessagePosition {
  /** ISO instant. Absent: the first load has not finished. */
  readonly through?: string;
  /** An export read that was interrupted. */
  readonly slices?: readonly SlicePosition[];
  /** A list read that was interrupted: the next page, and what `through` becomes at its end. */
  readonly list?: { readonly nextLink: string; readonly through: string };
  /** A delta round: the next page of it, or the link for the next round. */
  readonly delta?: { readonly link: string; readonly done: boolean; readonly at: string };
  /** Since when the service refuses delta for this channel; it is tried again after some days. */
  readonly deltaRefusedAt?: string;
}

/** One time range of an export read. */
export interface SlicePosition {
  /** Exclusive and inclusive ends, ISO. */
  readonly from: string;
  readonly to: string;
  /** Service time of its first request. */
  readonly startedAt?: string;
  readonly nextLink?: string;
  readonly pages: number;
  readonly done: boolean;
}

export const teamPartition = (teamId: string): string => `team:${teamId}`;
export const channelPartition = (teamId: string, channelId: string): string => `channel:${teamId}/${channelId}`;

/** Teams of which some channel was read on its own. */
export function teamsReadByChannel(positions: ReadonlyMap<PartitionKey, Position>): ReadonlySet<string> {
  return new Set([...positions.keys()].flatMap((key) => /\/channel:([^/]+)\//.exec(key)?.[1] ?? []));
}

/** Teams of which a first load has ended, of the team or of some channel. */
export function teamsReadBefore(positions: ReadonlyMap<PartitionKey, Position>): ReadonlySet<string> {
  const read = [...positions].filter(([, position]) => fromPosition(position).through !== undefined);
  return new Set(read.flatMap(([key]) => /\/(?:team|channel):([^/]+)/.exec(key)?.[1] ?? []));
}

/** The stored position, as the strategy that wrote it meant it. */
export function fromPosition(position: Position | undefined): MessagePosition {
  return (position ?? {}) as MessagePosition;
}

/** The later of two instants; absent counts as never. */
export function laterInstant(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return Date.parse(a) >= Date.parse(b) ? a : b;
}

export const instant = (ms: number): string => new Date(ms).toISOString();
