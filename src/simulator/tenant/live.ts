import { isSluiceError } from '../../errors/sluice-error.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { applyEvent, parseEvent, type TwinEventType } from './events.ts';
import type { TenantStore } from './store.ts';

/** What happens in a working tenant, in parts of a thousand. Changes and deletes are about an eighth, as measured. */
const MIX: readonly (readonly [parts: number, type: TwinEventType])[] = [
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
];

const PARTS = MIX.reduce((sum, [parts]) => sum + parts, 0);
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
  const type = pickType(tenant.random() * PARTS);
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

function pickType(at: number): TwinEventType {
  let passed = 0;
  for (const [parts, type] of MIX) {
    passed += parts;
    if (at < passed) return type;
  }
  return 'post';
}
