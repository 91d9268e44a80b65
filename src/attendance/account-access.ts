import { isOfAccount } from '../errors/graph-refusals.ts';
import type { SluiceError } from '../errors/sluice-error.ts';
import type { GraphClient } from '../graph/types.ts';
import { resourceNamed } from '../resources/index.ts';
import { pathTo, showingRead } from '../resources/types.ts';
import { users } from '../resources/users.ts';
import { forEachLimited } from '../runtime/concurrency.ts';
import type { TableShape } from '../schema/column.ts';
import { skippedPartition } from '../sync/outcomes.ts';
import { probeReads } from '../sync/probe.ts';

/** Whether the application may read the meetings of an account. */
export interface AccountAccess {
  readonly user: string;
  /** `untried`: it organises no meeting that could be asked for. `refused`: what is asked was refused for another reason. */
  readonly policy: 'granted' | 'missing' | 'untried' | 'refused';
  readonly code?: string | undefined;
  /** What to do. */
  readonly message?: string | undefined;
}

/** Accounts that are asked for side by side. */
const AT_ONCE = 8;

/** The tables whose rows are below a calendar: they need a policy for each account. */
export const tablesOfAccounts = (tables: readonly TableShape[]): readonly TableShape[] =>
  tables.filter(({ resource }) =>
    pathTo(resourceNamed(resource).of).some((one) => showingRead(one) && pathTo(one).includes(users)),
  );

/**
 * Asks for what each account's first meeting left behind: two requests for each kind of data.
 *
 * @param options.ids - of the accounts
 * @throws SluiceError when Graph cannot be reached
 */
export async function accountAccess(
  options: {
    readonly graph: GraphClient;
    readonly tables: readonly TableShape[];
    readonly ids: readonly string[];
    readonly now: () => number;
  },
  signal: AbortSignal,
): Promise<readonly AccountAccess[]> {
  const { graph, tables, ids, now } = options;
  const found = new Map<string, AccountAccess>();
  await forEachLimited(ids, AT_ONCE, signal, async (user, inner) => {
    const probes = await probeReads({ graph, tables, now, asked: new Map([[users.gives!, [user]]]) }, inner);
    const errors = probes.flatMap(({ error }) => error ?? []);
    const refusal = errors.find(isOfAccount) ?? errors[0];
    const isRead = probes.some(({ answer }) => answer === 'read');
    found.set(
      user,
      refusal && (isOfAccount(refusal) || !isRead)
        ? refused(user, refusal, inner)
        : { user, policy: isRead ? 'granted' : 'untried' },
    );
  });
  return ids.flatMap((id) => found.get(id) ?? []);
}

function refused(user: string, error: SluiceError, signal: AbortSignal): AccountAccess {
  const { code, message } = skippedPartition(error, users.name, user, signal);
  return { user, policy: isOfAccount(error) ? 'missing' : 'refused', code, message };
}
