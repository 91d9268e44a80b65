import { botLimits, botTenantLimits } from '../../limits/bot-limits.ts';
import type { Window } from '../../messages/types.ts';
import { remember, roomAt } from '../../outbox/windows.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { withoutThread } from '../activities/conversation-id.ts';
import { botErrors } from '../errors.ts';
import type { ConnectorRequest } from './request.ts';

/** What requests are counted in: every window of it must have room. */
export interface PacedScope {
  readonly name: string;
  readonly windows: readonly Window[];
}

/** Counts of requests: those of this process, or of all that share a database. */
export interface PacedCounts {
  /** Counts a request if every window has room: 0. Else nothing is counted, and this is how long there is none. */
  admit(scopes: readonly PacedScope[]): Promise<number>;
}

/** Waits until a request may be made, and counts it. */
export type Pacing = (request: PacedRequest, signal?: AbortSignal) => Promise<void>;
type PacedRequest = Pick<ConnectorRequest, 'route' | 'conversationId' | 'tenantId' | 'body'>;

/**
 * Keeps the published windows: of a conversation, a channel with its threads being one, and of the app in its tenant.
 *
 * @throws SluiceError `bot_windows_full` when there is no room within `patienceMs`
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
 */
export function createPacing(options: {
  readonly appId: string;
  readonly counts: PacedCounts;
  readonly runtime: Runtime;
  readonly patienceMs: number;
}): Pacing {
  const { appId, counts, runtime, patienceMs } = options;
  return async (request, signal) => {
    const scopes = scopesOf(appId, request);
    const endMs = runtime.monotonic() + patienceMs;
    for (let waitMs = await counts.admit(scopes); waitMs > 0; waitMs = await counts.admit(scopes)) {
      if (runtime.monotonic() + waitMs > endMs) throw botErrors.bot_windows_full({ waitMs }, { retryAfterMs: waitMs });
      await runtime.sleep(waitMs, signal);
    }
  };
}

function scopesOf(appId: string, { route, conversationId, tenantId, body }: PacedRequest): readonly PacedScope[] {
  const app: PacedScope = { name: JSON.stringify(['app', appId, tenantId]), windows: botTenantLimits };
  const place = conversationId === undefined ? createdIn(body) : withoutThread(conversationId);
  if (place === undefined) return [app];
  const kind = route === 'conversations' ? 'create' : route === 'members' ? 'members' : 'send';
  return [app, { name: JSON.stringify([kind, appId, tenantId, place]), windows: botLimits[kind] }];
}

/** The person or the channel that a conversation or a thread is made with. */
function createdIn(body: object | undefined): string | undefined {
  const { members, channelData } = Object(body) as {
    readonly members?: readonly { readonly id?: string }[];
    readonly channelData?: { readonly channel?: { readonly id?: string } };
  };
  return channelData?.channel?.id ?? members?.[0]?.id;
}

/** How long to wait until every window has room; 0: now. */
export function waitFor(
  scopes: readonly PacedScope[],
  timesOf: (name: string) => readonly number[],
  nowMs: number,
): number {
  return Math.max(0, ...scopes.map(({ name, windows }) => roomAt(timesOf(name), windows) - nowMs));
}

/** More are looked through for what no window sees any more. */
const MANY_SCOPES = 1_000;
const LONGEST_WINDOW_MS = Math.max(...Object.values(botLimits).flatMap((windows) => windows.map((w) => w.windowMs)));

/** Counts of this process alone. */
export function memoryCounts(runtime: Pick<Runtime, 'monotonic'>): PacedCounts {
  const times = new Map<string, readonly number[]>();
  const timesOf = (name: string) => times.get(name) ?? [];
  let lookAt = MANY_SCOPES;
  const forget = (nowMs: number) => {
    for (const [name, known] of times) if (nowMs - (known.at(-1) ?? 0) > LONGEST_WINDOW_MS) times.delete(name);
    lookAt = Math.max(MANY_SCOPES, 2 * times.size);
  };
  return {
    admit: async (scopes) => {
      const nowMs = runtime.monotonic();
      const waitMs = waitFor(scopes, timesOf, nowMs);
      if (waitMs > 0) return waitMs;
      for (const { name, windows } of scopes) times.set(name, remember(timesOf(name), windows, nowMs));
      if (times.size > lookAt) forget(nowMs);
      return 0;
    },
  };
}
