import { seededRandom } from '../../runtime/runtime.ts';
import { twinErrors } from '../errors.ts';
import type { TwinAnswer } from '../protocol/exchange.ts';
import { pathSegments, type RoutePattern, routePattern } from '../protocol/route-pattern.ts';
import { parseDateTime } from '../tenant/date-time.ts';
import type { ModifiedRange, Tenant } from '../tenant/types.ts';
import type { FaultKind } from './fault-kind.ts';
import { faultKinds } from './fault-kinds.ts';
import type { FaultRule } from './fault-rule.ts';
import { type HeldRecord, holdsRecord, resolveRecord } from './held-record.ts';

/** A rule that hit a request, or that hits its answer if it holds the record. */
export interface ActiveFault {
  readonly rule: FaultRule;
  readonly kind: FaultKind;
  readonly memory: Map<string, string>;
  /** The record the rule is bound to: it is decided by the answer whether it hits. */
  readonly held: HeldRecord | undefined;
  /** For a rule that is bound to a record: whether it hits this answer. */
  hitsAnswer(answer: TwinAnswer): boolean;
  /** Says that the fault was played. */
  count(): void;
}

interface Entry {
  readonly id: number;
  readonly rule: FaultRule;
  readonly kind: FaultKind;
  readonly pattern: RoutePattern;
  readonly held: HeldRecord | undefined;
  readonly coversMs: number | undefined;
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
  /** As the client sent it. */
  readonly query: URLSearchParams;
  /** The query of the first call, which a page token carries. */
  readonly carried: URLSearchParams;
  /** Which page of its list it asks for, from 1. */
  readonly page: number;
  /** The range of `lastModifiedDateTime` that it asks for. */
  readonly range: ModifiedRange;
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

/** @param options.seed - of the chance of rules that bring no seed of their own */
export function createFaultScript({ seed, tenant }: { seed: number; tenant: Tenant }): FaultScript {
  let entries: Entry[] = [];
  let nextId = 1;

  const report = ({ id, rule, matched, hits }: Entry): FaultReport => ({ id, rule, matched, hits });

  return {
    add: (rule) => {
      const kind = faultKinds[rule.kind];
      if (!kind) {
        throw twinErrors.unknown_value({ field: 'kind', value: rule.kind, valid: Object.keys(faultKinds).sort() });
      }
      const id = nextId++;
      const entry: Entry = {
        id,
        rule,
        kind,
        pattern: routePattern(rule.route),
        held: rule.holds && resolveRecord(rule.holds, tenant),
        coversMs: rule.covers === undefined ? undefined : parseDateTime(rule.covers),
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
        .filter((entry) => matches(entry, request) && (entry.held !== undefined || isHit(entry)))
        .map((entry) => ({
          rule: entry.rule,
          kind: entry.kind,
          memory: entry.memory,
          held: entry.held,
          hitsAnswer: (answer) => entry.held !== undefined && holdsRecord(answer, entry.held) && isHit(entry),
          count: () => {
            entry.hits++;
          },
        })),
  };
}

function matches({ rule, kind, pattern, coversMs }: Entry, request: FaultTarget): boolean {
  if ((kind.service ?? rule.service) !== request.service) return false;
  if (rule.method !== undefined && rule.method !== request.method) return false;
  if (kind.deltaTokensOnly && !request.query.get('$deltatoken')) return false;
  if (!pattern.match(pathSegments(request.path))) return false;
  if (rule.pages && !rule.pages.includes(request.page)) return false;
  if (coversMs !== undefined && !covers(request.range, coversMs)) return false;
  return Object.entries(rule.query ?? {}).every(([name, wanted]) => {
    const value = request.query.get(name) ?? request.carried.get(name);
    return wanted === '*' ? value !== null : value === wanted;
  });
}

const covers = ({ gtMs = -Infinity, ltMs = Infinity }: ModifiedRange, ms: number) => gtMs < ms && ms < ltMs;

/** Draws by count and chance; whatever is asked here counts as a match. */
function isHit(entry: Entry): boolean {
  const { rule } = entry;
  if (rule.times !== undefined && entry.hits >= rule.times) return false;
  entry.matched++;
  if (rule.nth && !rule.nth.includes(entry.matched)) return false;
  return rule.probability >= 1 || entry.random() < rule.probability;
}
