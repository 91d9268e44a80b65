/** The fields of an alert body that can be odd: small and closed, because they label a metric. */
export const oddFields = [
  'body',
  'alerts',
  'alert',
  'status',
  'labels',
  'annotations',
  'startsAt',
  'endsAt',
  'link',
  'fingerprint',
  'values',
  'version',
  'groupKey',
  'groupLabels',
  'receiver',
  'truncatedAlerts',
] as const;
export type OddField = (typeof oddFields)[number];

/** What was done with what was odd; `absent`: read as if it were not there. */
export const oddActions = ['cut', 'dropped', 'absent', 'converted', 'encoded'] as const;
export type OddAction = (typeof oddActions)[number];

/** How often something was odd in one body. */
export interface OddCount {
  readonly field: OddField;
  readonly action: OddAction;
  readonly count: number;
}

/** Paths kept of one body: enough to find the cause, and no log line without end. */
const MAX_PATHS = 20;

/** Takes note of what was odd in one body, by its path and never by its value. */
export class Oddities {
  readonly #counts = new Map<string, { field: OddField; action: OddAction; count: number }>();
  readonly paths: string[] = [];

  note(path: string, field: OddField, action: OddAction, count = 1): void {
    const key = `${field} ${action}`;
    const known = this.#counts.get(key) ?? { field, action, count: 0 };
    known.count += count;
    this.#counts.set(key, known);
    if (this.paths.length < MAX_PATHS) this.paths.push(`${path} ${action}`);
  }

  get total(): number {
    return this.counts().reduce((sum, { count }) => sum + count, 0);
  }

  counts(): readonly OddCount[] {
    return [...this.#counts.values()];
  }
}

/** A path for logs. A name that the sender chose freely is text, so an unusual one is not shown. */
export function below(path: string, name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? `${path}.${name}` : `${path}[…]`;
}
