import { isSluiceError } from '../../errors/sluice-error.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { applyEvent, parseEvent, type TwinEventType } from './events.ts';
import type { TenantStore } from './store.ts';

type Mix = readonly (readonly [parts: number, type: TwinEventType])[];

/** What happens in the teams of a working tenant. Changes and deletes are about an eighth, as measured. */
const IN_TEAMS: Mix = [
  [330, 'post'],
  [340, 'reply'],
  [160, 'react'],
  [40, 'unreact'],
  [85, 'edit'],
  [20, 'delete'],
  [5, 'undelete'],
  [6, 'addMember'],
  [4, 'removeMember'],
  [3, 'createUser'],
  [3, 'createChannel'],
  [2, 'renameChannel'],
  [1, 'renameTeam'],
  [1, 'createTeam'],
  [4, 'installApp'],
  [2, 'upgradeApp'],
  [2, 'removeApp'],
  [4, 'addTab'],
  [2, 'removeTab'],
  [3, 'createTag'],
  [3, 'changeTag'],
  [1, 'removeTag'],
  [5, 'call'],
  [3, 'reviseCall'],
];

/** What happens in its chats. */
const IN_CHATS: Mix = [
  [780, 'postToChat'],
  [120, 'editInChat'],
  [40, 'deleteInChat'],
  [15, 'createChat'],
  [15, 'renameChat'],
  [20, 'addToChat'],
  [10, 'removeFromChat'],
];

/** So much of what happens is in chats, where there are some. */
const SHARE_OF_CHATS = 1 / 3;
const TICK_MS = 50;

export interface LiveOptions {
  readonly eventsPerSecond: number;
  readonly runtime: Pick<Runtime, 'now'>;
}

/** Lets people post, answer, edit, react and delete until the returned function is called. */
export function startLive(tenant: TenantStore, { eventsPerSecond, runtime }: LiveOptions): () => void {
  let lastMs = runtime.now();
  let due = 0;
  const timer = setInterval(() => {
    const nowMs = runtime.now();
    // A clock that was moved a day ahead does not bring a day of events at once.
    due += (Math.min(1000, Math.max(0, nowMs - lastMs)) / 1000) * eventsPerSecond;
    lastMs = nowMs;
    for (; due >= 1; due--) somethingHappens(tenant, nowMs);
  }, TICK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** One event of the usual mix; a post when the tenant has nothing for the chosen one (no message to edit, say). */
function somethingHappens(tenant: TenantStore, nowMs: number): void {
  const isInChats = tenant.chats.all().length > 0 && tenant.random() < SHARE_OF_CHATS;
  const type = pickType(isInChats ? IN_CHATS : IN_TEAMS, tenant.random());
  if (!happened(tenant, type, nowMs)) happened(tenant, 'post', nowMs);
}

function happened(tenant: TenantStore, type: TwinEventType, nowMs: number): boolean {
  try {
    applyEvent(tenant, parseEvent({ type }), nowMs);
    return true;
  } catch (error) {
    if (isSluiceError(error) && error.code === 'event_invalid') return false;
    throw error;
  }
}

function pickType(mix: Mix, chance: number): TwinEventType {
  let left = chance * mix.reduce((sum, [parts]) => sum + parts, 0);
  for (const [parts, type] of mix) {
    left -= parts;
    if (left < 0) return type;
  }
  return 'post';
}
