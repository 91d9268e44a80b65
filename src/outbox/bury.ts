import type { Transaction } from 'kysely';
import type { Notifier } from '../messages/types.ts';
import { DEAD_COLUMNS, type FellBack, fallBack } from './fallback.ts';
import type { Candidate } from './limits.ts';
import type { MessageRow, OutboxTables } from './schema.ts';
import { storedJson } from './stored-json.ts';
import type { Ended } from './types.ts';

/** The next message of a lane. */
export type Head = Omit<MessageRow, 'seq'> & { seq: number };

interface BuryOptions {
  readonly nowMs: number;
  /** Attempts under which a worker died, after which a message is poison. */
  readonly poisonAfter: number;
  readonly notifiers: ReadonlyMap<string, Notifier>;
}

/** Why this head will not be attempted, if so. */
function verdict(
  { head, admission }: Candidate<Head>,
  options: BuryOptions,
): Pick<Ended, 'state' | 'deadReason'> | undefined {
  // Its lane names another one: nobody could say where it goes.
  if (!options.notifiers.has(head.notifier)) return { state: 'dead', deadReason: 'payload_damaged' };
  if (head.expires_at !== null && Number(head.expires_at) <= options.nowMs) return { state: 'expired' };
  if (head.lost >= options.poisonAfter) return { state: 'dead', deadReason: 'poison' };
  if (!storedJson(head.payload)) return { state: 'dead', deadReason: 'payload_damaged' };
  return admission.kind === 'disabled' ? { state: 'dead', deadReason: 'endpoint_disabled' } : undefined;
}

/** Heads that are over, and what became of all that ended with them. */
export interface Buried {
  readonly buried: ReadonlySet<Head>;
  readonly ended: Ended[];
  readonly fellBack: FellBack[];
}

/** Finishes heads that are too late or poison, and everything in their lane that waits for a disabled endpoint. */
export async function bury(
  transaction: Transaction<OutboxTables>,
  options: BuryOptions & { readonly candidates: readonly Candidate<Head>[] },
): Promise<Buried> {
  const { nowMs } = options;
  const buried = new Set<Head>();
  const ended: Ended[] = [];
  const fellBack: FellBack[] = [];
  for (const candidate of options.candidates) {
    const { head } = candidate;
    const end = verdict(candidate, options);
    if (!end) continue;
    buried.add(head);
    const whole = end.deadReason === 'endpoint_disabled';
    const finished = await transaction
      .updateTable('outbox_messages')
      .set({ state: end.state, dead_reason: end.deadReason ?? null, finished_at: nowMs })
      .where('lane', '=', head.lane)
      .where('finished_at', 'is', null)
      .$if(whole, (query) => query.where('destination', '=', head.destination))
      .$if(!whole, (query) => query.where('seq', '=', head.seq))
      .returning([...DEAD_COLUMNS, 'destination'])
      .execute();
    ended.push(...finished.map(({ id, notifier, destination }) => ({ id, notifier, destination, ...end })));
    // Nobody knows what poison did; what is late is not wanted elsewhere either, and nothing is left of what is damaged.
    if (whole) fellBack.push(...(await fallBack(transaction, finished, nowMs)));
  }
  return { buried, ended, fellBack };
}
