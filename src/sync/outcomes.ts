import { clientRules } from '../errors/client-rules.ts';
import { foreignErrorText } from '../errors/foreign-error.ts';
import { POLICY_USER } from '../errors/graph-access-rules.ts';
import { isOfAccount } from '../errors/graph-refusals.ts';
import { isSluiceError, type SluiceError } from '../errors/sluice-error.ts';
import { exhausted } from '../lake/engine/exhausted.ts';
import { splitKey } from '../lake/log/partition-key.ts';
import type { PartitionKey } from '../lake/types.ts';
import { endpointAt, resources } from '../resources/index.ts';
import type { Resource } from '../resources/types.ts';
import { listingErrors } from './errors.ts';
import type { RunReport, SkippedPartition, SyncOutcome } from './report.ts';

/**
 * Turns the failure of one partition into an outcome, so that the others go on. What concerns the whole run (the lake,
 * the sign-in, a bug, the user's Ctrl-C) is thrown again.
 */
export function skippedPartition(
  error: unknown,
  resource: string,
  partition: string,
  signal: AbortSignal,
): SkippedPartition {
  if (signal.aborted || !isSluiceError(error) || error.surface !== 'graph') throw error;
  const permission = neededPermission(resource, error);
  const serviceCode = requiredBy(error.details['graphCodes'])?.at(-1);
  return {
    resource,
    partition,
    code: error.code,
    serviceCode,
    permission,
    rows: listingErrors.listing_shrank.is(error) ? (error.details as NonNullable<SkippedPartition['rows']>) : undefined,
    requestId: error.request?.requestId,
    // The commands that grant a policy name the user.
    message: isOfAccount(error) ? error.message.replace(POLICY_USER, partition) : error.message,
  };
}

const requiredBy = (detail: unknown): readonly string[] | undefined =>
  Array.isArray(detail) && detail.length > 0 ? (detail as readonly string[]) : undefined;

/** Codes of refusals that a permission would mostly end. */
const PERMISSION_CODES: readonly string[] = ['permission_missing', 'forbidden_unexplained', 'unauthorized'];

/** The least permission of the endpoint that refused, when a missing one is the reason: of those that Graph names, if it names some. */
export function neededPermission(resource: string, { code, request, details }: SluiceError): string | undefined {
  if (!PERMISSION_CODES.includes(code)) return undefined;
  const endpoint = endpointAt(request?.route ?? '') ?? resources.find(({ name }) => name === resource)?.reads[0];
  const documented = endpoint?.permissions ?? [];
  const named = requiredBy(details['required']);
  return named === undefined ? documented[0] : (documented.find((one) => named.includes(one)) ?? named[0]);
}

/** The outcome of a partition with a page that turned out to be no JSON when it was landed. */
export function unreadablePartition(key: PartitionKey): SkippedPartition {
  const { resource, partition } = splitKey(key);
  return {
    resource,
    partition: partition || 'tenant',
    code: 'page_invalid',
    message: `${clientRules.page_invalid.meaning} Its bytes are in the lake's quarantine; the next run reads it again.`,
  };
}

/** The outcome of a record that was asked for and is in no listing that was read. */
export function recordNotFound({ name, whenMissing }: Resource, id: string): SkippedPartition {
  const unknown = { code: 'not_found', message: `${name}: ${id} is in no listing that was read.` };
  return { resource: name, partition: id, ...(whenMissing?.(id) ?? unknown) };
}

/** The outcome of a record that was asked for by a name that none has. */
export function unnamedRecord({ name }: Resource, given: string): SkippedPartition {
  return { resource: name, partition: given, code: 'not_found', message: `${name}: none is called ${given}.` };
}

/** A record of another tenant: it is listed, and what is in it can be read there alone. */
export function hostedElsewhere({ name }: Resource, id: string): SkippedPartition {
  const message = 'Another tenant hosts it: what is in it can be read there alone.';
  return { resource: name, partition: id, code: 'foreign_tenant', message };
}

/** `partial`: something of what was asked for is not in the lake: not read, or set aside in this run. */
export function outcomeOf(run: {
  readonly interrupted: boolean;
  readonly failed: boolean;
  readonly incomplete: boolean;
}): SyncOutcome {
  if (run.interrupted) return 'partial';
  if (run.failed) return 'failed';
  return run.incomplete ? 'partial' : 'ok';
}

/** Why a run failed or stopped early, as its report says it. */
export function failureOf(error: unknown, signal: AbortSignal): NonNullable<RunReport['error']> {
  if (signal.aborted)
    return {
      code: 'interrupted',
      message: 'Stopped on request. What was complete is in the lake; the next run goes on from there.',
    };
  const told = isSluiceError(error) ? error : exhausted(error);
  if (told) return { code: told.code, message: told.message };
  return { code: 'unexpected', message: `${foreignErrorText(error)} This is a mistake in Sluice.` };
}

/** What every report of a run says that read nothing. */
export const NOTHING_READ = {
  event: 'run',
  tables: {},
  requests: { total: 0, throttled: 0, retried: 0 },
  plan: { requests: 0, lowerBoundMs: 0 },
  elapsedMs: 0,
  skipped: [],
  fallbacks: [],
  gaps: [],
  unfinished: [],
  fillings: [],
  notFilled: [],
  absent: [],
  notPermitted: [],
  strategies: {},
} as const satisfies Omit<RunReport, 'outcome' | 'version'>;

/** The report of a run that could not begin: no sign-in, no lake. It landed nothing and knows no version. */
export function unstartedRun(error: unknown, signal: AbortSignal): Omit<RunReport, 'version'> {
  return {
    ...NOTHING_READ,
    outcome: signal.aborted ? 'partial' : 'failed',
    error: failureOf(error, signal),
  };
}
