import { unknownValue } from '../../errors/sluice-error.ts';
import { seededRandom } from '../../runtime/runtime.ts';
import { pathSegments, type RoutePattern, routePattern } from '../protocol/route-pattern.ts';
import { type FaultKind, faultKinds } from './fault-kinds.ts';
import type { FaultRule } from './fault-rule.ts';

/** A rule that hit a request. */
export interface ActiveFault {
  readonly rule: FaultRule;
  readonly kind: FaultKind;
  readonly memory: Map<string, string>;
  /** Says that the fault was played. */
  count(): void;
}

interface Entry {
  readonly id: number;
  readonly rule: FaultRule;
  readonly kind: FaultKind;
  readonly pattern: RoutePattern;
  readonly random: () => number;
  readonly memory: Map<string, string>;
  matched: number;
  hits: number;
}

/** The request that rules are held against. */
export interface FaultTarget {
  readonly service: FaultRule['service'];
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** What `GET /_twin/faults` shows of a rule. */
export interface FaultReport {
  readonly id: number;
  readonly rule: FaultRule;
  readonly matched: number;
  readonly hits: number;
}

/** The faults in force, in the order they were set. */
export interface FaultScript {
  add(rule: FaultRule): FaultReport;
  list(): FaultReport[];
  clear(): void;
  readonly isEmpty: boolean;
  hits(request: FaultTarget): ActiveFault[];
}

/** @param seed - of the chance of rules that bring no seed of their own */
export function createFaultScript(seed: number): FaultScript {
  let entries: Entry[] = [];
  let nextId = 1;

  const report = ({ id, rule, matched, hits }: Entry): FaultReport => ({ id, rule, matched, hits });

  return {
    add: (rule) => {
      const kind = faultKinds[rule.kind];
      if (!kind) {
        throw unknownValue({ field: 'kind', value: rule.kind, valid: Object.keys(faultKinds).sort(), surface: 'twin' });
      }
      const id = nextId++;
      const entry: Entry = {
        id,
        rule,
        kind,
        pattern: routePattern(rule.route),
        random: seededRandom(rule.seed ?? seed + id),
        memory: new Map(),
        matched: 0,
        hits: 0,
      };
      entries.push(entry);
      return report(entry);
    },
    list: () => entries.map(report),
    clear: () => {
      entries = [];
    },
    get isEmpty() {
      return entries.length === 0;
    },
    hits: (request) =>
      entries
        .filter((entry) => isHit(entry, request))
        .map((entry) => ({
          rule: entry.rule,
          kind: entry.kind,
          memory: entry.memory,
          count: () => {
            entry.hits++;
          },
        })),
  };
}

function isHit(entry: Entry, { service, method, path, query }: FaultTarget): boolean {
  const { rule, kind } = entry;
  if ((kind.service ?? rule.service) !== service) return false;
  if (rule.method !== undefined && rule.method !== method) return false;
  if (kind.deltaTokensOnly && !query.get('$deltatoken')) return false;
  if (!entry.pattern.match(pathSegments(path))) return false;
  if (rule.times !== undefined && entry.hits >= rule.times) return false;
  entry.matched++;
  if (rule.nth && !rule.nth.includes(entry.matched)) return false;
  return rule.probability >= 1 || entry.random() < rule.probability;
}
