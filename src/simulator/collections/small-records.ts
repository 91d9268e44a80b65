import { z } from 'zod';
import type { GraphCall } from '../graph/call.ts';
import { entity } from '../graph/page.ts';
import type { Top } from '../graph/query-options.ts';
import { GraphRefusal, type RefusalFacts, refusals } from '../protocol/graph-refusal.ts';
import type { Slot } from '../tenant/kept.ts';
import type { LedgerRow } from '../tenant/ledger-row.ts';
import { duplicate, invalidLine, type LinePosition, readRecords } from '../tenant/lines.ts';
import type { Tenant } from '../tenant/types.ts';
import type { TwinCollection } from './collection.ts';
import { type GraphRecord, listRoute } from './list-route.ts';
import { idOf, type Place } from './place.ts';

type Shape = Readonly<Record<string, z.ZodType>>;

/** A record, as its line in a tenant folder says it. */
type RecordOf<S extends Shape> = z.output<z.ZodObject<S>> & { readonly id: string };

interface SmallRecords<P, S extends Shape> {
  /** Of its table and, with dashes, of its file. */
  readonly name: string;
  /** Of its file in a tenant folder, when it has another name. */
  readonly file?: string | undefined;
  readonly below: Place<P>;
  /** Last part of the path of the list: `tags`. */
  readonly segment: string;
  /** How routes and key columns of what is below a record name it. */
  readonly gives?: { readonly id: string; readonly column: string } | undefined;
  /** Least first: the first is granted to the twin's app. */
  readonly roles: readonly string[];
  /** As refusals name it. With it `$select` is taken. */
  readonly type?: string | undefined;
  readonly filter?: readonly string[] | undefined;
  readonly top?: Top | undefined;
  readonly shape: S;
  /** What a line names beside its place and is not in the tenant: the field, and what it must be. */
  readonly lacking?:
    | ((record: RecordOf<S>, tenant: Tenant) => readonly [field: string, problem: string] | undefined)
    | undefined;
  /** The refusal of an id that no record has. Default: Graph's usual one. */
  readonly notFound?: (() => RefusalFacts) | undefined;
  readonly generate: (random: () => number, place: P, tenant: Tenant) => readonly RecordOf<S>[];
  /** As Graph sends it. Default: as it is kept. */
  readonly record?: ((record: RecordOf<S>, place: P, call: GraphCall) => GraphRecord) | undefined;
}

/** A record with its place, when others are below it. */
export interface Placed<P, R> {
  readonly place: P;
  readonly record: R;
}

/** A collection with what tests and collections below it use. */
export interface SmallCollection<P, R> extends TwinCollection {
  readonly place: Place<Placed<P, R>>;
  of(tenant: Tenant, place: P): readonly R[];
  /** Adds a record, or puts it where the one with its id is. */
  put(tenant: Tenant, place: P, record: R): void;
  /** False when there is no such record. */
  remove(tenant: Tenant, place: P, id: string): boolean;
}

/** Lines of a tenant folder name things as Graph does. */
const camelCase = (column: string): string => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const keyOfLine = (key: LedgerRow) =>
  Object.fromEntries(Object.entries(key).map(([column, id]) => [camelCase(column), id]));

/**
 * A collection of small records below a place, whole: kept, generated, served as a list and one by one, granted, saved,
 * loaded, and told as truth. What is in a place that is gone is seen by nobody.
 */
export function smallRecords<P, S extends Shape>(declaration: SmallRecords<P, S>): SmallCollection<P, RecordOf<S>> {
  type R = RecordOf<S>;
  const { name, below, segment, roles, type, shape, record = (one: R): GraphRecord => ({ ...one }) } = declaration;
  const { id: idName, column } = declaration.gives ?? { id: 'id', column: 'id' };
  const slot: Slot<Map<string, Map<string, R>>> = { make: () => new Map() };
  const of = (tenant: Tenant, place: P): readonly R[] => [
    ...(tenant
      .kept(slot)
      .get(idOf(below.key(place)))
      ?.values() ?? []),
  ];
  const put = (tenant: Tenant, place: P, one: R): void => {
    const places = tenant.kept(slot);
    const key = idOf(below.key(place));
    places.set(key, (places.get(key) ?? new Map<string, R>()).set(one.id, one));
  };
  function* all(tenant: Tenant): Iterable<Placed<P, R>> {
    for (const place of below.all(tenant)) for (const one of of(tenant, place)) yield { place, record: one };
  }
  const find = (call: GraphCall): Placed<P, R> => {
    const place = below.find(call);
    const found = of(call.tenant, place).find(({ id }) => id === call.ids[idName]);
    if (!found) throw new GraphRefusal(declaration.notFound?.() ?? refusals.resourceNotFound(call.ids[idName]!));
    return { place, record: found };
  };
  const pathOf = (place: P) => `${below.path(place)}/${segment}`;
  const pattern = `${below.pattern}/${segment}`;
  const keyOf = ({ place, record: { id } }: Placed<P, R>): LedgerRow => ({ ...below.key(place), id });
  const file = declaration.file ?? name.replaceAll('_', '-');
  const lineKeys = new Map(below.columns.map((own) => [camelCase(own), own]));
  return {
    name,
    permissions: roles.slice(0, 1),
    routes: [
      listRoute({
        pattern,
        roles,
        path: (call) => pathOf(below.find(call)),
        records: (call) => {
          const place = below.find(call);
          return of(call.tenant, place).map((one) => record(one, place, call));
        },
        filter: declaration.filter,
        type,
        top: declaration.top,
        count: 'always',
      }),
      {
        pattern: `${pattern}/{${idName}}`,
        roles,
        query: {},
        handle: (call) => {
          const found = find(call);
          return entity(call, `${pathOf(found.place).slice(1)}/$entity`, record(found.record, found.place, call));
        },
      },
    ],
    ledger: {
      *[name](tenant) {
        for (const one of all(tenant)) yield keyOf(one);
      },
    },
    files: [
      {
        name: file,
        *records(tenant) {
          for (const { place, record: one } of all(tenant)) yield { ...keyOfLine(below.key(place)), ...one };
        },
        async load({ dir, tenant }) {
          const places = new Map([...below.all(tenant)].map((place) => [idOf(below.key(place)), place]));
          const columns = Object.fromEntries([...lineKeys.keys()].map((own) => [own, z.string()]));
          const use = (line: Record<string, unknown>, position: LinePosition) => {
            const key = Object.fromEntries([...lineKeys].map(([own, column]) => [column, String(line[own])]));
            const place = places.get(idOf(key));
            if (!place)
              throw invalidLine(position, [...lineKeys.keys()].join(', '), 'must name a place of this folder');
            const one = Object.fromEntries(Object.keys(shape).map((field) => [field, line[field]])) as R;
            const lacking = declaration.lacking?.(one, tenant);
            if (lacking) throw invalidLine(position, ...lacking);
            if (of(tenant, place).some(({ id }) => id === one.id)) throw duplicate(position, one.id);
            put(tenant, place, one);
          };
          await readRecords(dir, file, z.object({ ...columns, ...shape }), use, { isOptional: true });
        },
      },
    ],
    generate: (tenant, { streamOf }) => {
      const random = streamOf(name);
      for (const place of below.all(tenant)) {
        for (const one of declaration.generate(random, place, tenant)) put(tenant, place, one);
      }
    },
    place: {
      pattern: `${pattern}/{${idName}}`,
      columns: [...below.columns, column],
      all,
      find,
      path: ({ place, record: { id } }) => `${pathOf(place)}('${encodeURIComponent(id)}')`,
      key: ({ place, record: { id } }) => ({ ...below.key(place), [column]: id }),
    },
    of,
    put,
    remove: (tenant, place, id) =>
      tenant
        .kept(slot)
        .get(idOf(below.key(place)))
        ?.delete(id) ?? false,
  };
}
