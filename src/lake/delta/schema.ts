import type { ColumnType, ScalarType } from '../../schema/column.ts';
import { isObject, parseJson } from './actions.ts';

/** A type as the schema of a Delta table says it. https://github.com/delta-io/delta/blob/master/PROTOCOL.md#schema-serialization-format */
export type DeltaType =
  | string
  | DeltaStruct
  | { readonly type: 'array'; readonly elementType: DeltaType; readonly containsNull: boolean };

export interface DeltaField {
  readonly name: string;
  readonly type: DeltaType;
  readonly nullable: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface DeltaStruct {
  readonly type: 'struct';
  readonly fields: readonly DeltaField[];
}

const SCALARS: Readonly<Record<ScalarType, string>> = {
  string: 'string',
  id: 'string',
  json: 'string',
  boolean: 'boolean',
  int32: 'integer',
  int64: 'long',
  double: 'double',
  timestamp: 'timestamp',
};

export function deltaStruct(columns: Readonly<Record<string, ColumnType>>): DeltaStruct {
  const fields = Object.entries(columns).map(
    ([name, type]): DeltaField => ({ name, type: deltaType(type), nullable: true, metadata: {} }),
  );
  return { type: 'struct', fields };
}

function deltaType(type: ColumnType): DeltaType {
  if (typeof type === 'string') return SCALARS[type];
  if ('list' in type) return { type: 'array', elementType: deltaType(type.list), containsNull: true };
  return deltaStruct(type.struct);
}

/**
 * The columns of both: those of `before` in their order, then those that are new. Files without a column have NULL there.
 *
 * @returns the name of a column that has another type in each, where there is one
 */
export function mergedStruct(before: DeltaStruct, after: DeltaStruct): DeltaStruct | { readonly conflict: string } {
  const fields: DeltaField[] = [];
  const coming = new Map(after.fields.map((field) => [field.name, field]));
  for (const field of before.fields) {
    const other = coming.get(field.name);
    coming.delete(field.name);
    const type = other === undefined ? field.type : mergedType(field.type, other.type);
    if (type === undefined) return { conflict: field.name };
    fields.push({ ...field, type });
  }
  return { type: 'struct', fields: [...fields, ...coming.values()] };
}

function mergedType(before: DeltaType, after: DeltaType): DeltaType | undefined {
  if (typeof before === 'string' || typeof after === 'string') return before === after ? before : undefined;
  if (before.type === 'struct' && after.type === 'struct') {
    const merged = mergedStruct(before, after);
    return 'conflict' in merged ? undefined : merged;
  }
  if (before.type !== 'array' || after.type !== 'array') return undefined;
  const elementType = mergedType(before.elementType, after.elementType);
  return elementType === undefined ? undefined : { ...before, elementType };
}

/** Reads the schema of a table. Undefined: it is none. */
export function parseSchema(text: string): DeltaStruct | undefined {
  const value = parseJson(text);
  return isObject(value) && value['type'] === 'struct' && Array.isArray(value['fields'])
    ? (value as unknown as DeltaStruct)
    : undefined;
}
