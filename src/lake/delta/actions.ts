/**
 * What the log of a Delta table says, action by action: those that a table of protocol 1/2 has.
 * https://github.com/delta-io/delta/blob/master/PROTOCOL.md#actions
 */
export interface AddAction {
  /** Below the folder of the table, percent-encoded. */
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string>>;
  readonly size: number;
  /** Ms since 1970. */
  readonly modificationTime: number;
  /** False: the rows stood in the table before. */
  readonly dataChange: boolean;
  /** JSON. */
  readonly stats?: string | undefined;
}

export interface RemoveAction {
  readonly path: string;
  /** Ms since 1970. */
  readonly deletionTimestamp: number;
  readonly dataChange: boolean;
  readonly extendedFileMetadata?: boolean | undefined;
  readonly partitionValues?: Readonly<Record<string, string>> | undefined;
  readonly size?: number | undefined;
}

export interface MetadataAction {
  readonly id: string;
  readonly format: { readonly provider: string; readonly options: Readonly<Record<string, string>> };
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration: Readonly<Record<string, string>>;
  readonly createdTime?: number | undefined;
}

export interface ProtocolAction {
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
}

export interface TransactionAction {
  readonly appId: string;
  readonly version: number;
  readonly lastUpdated?: number | undefined;
}

export interface CommitInfo {
  readonly timestamp: number;
  readonly operation: string;
  readonly operationParameters: Readonly<Record<string, string>>;
  readonly isBlindAppend: boolean;
  readonly engineInfo: string;
}

export type Action =
  | { readonly commitInfo: CommitInfo }
  | { readonly protocol: ProtocolAction }
  | { readonly metaData: MetadataAction }
  | { readonly txn: TransactionAction }
  | { readonly remove: RemoveAction }
  | { readonly add: AddAction };

/** A line of the log as it was read: one of these is there. */
export interface ReadAction {
  readonly commitInfo?: Partial<CommitInfo> | null;
  readonly protocol?: ProtocolAction | null;
  readonly metaData?: MetadataAction | null;
  readonly txn?: TransactionAction | null;
  readonly remove?: RemoveAction | null;
  readonly add?: AddAction | null;
}

export const actionLines = (actions: readonly Action[]): Uint8Array =>
  Buffer.from(actions.map((action) => `${JSON.stringify(action)}\n`).join(''));

/** Reads a commit of the log. Undefined: it is damaged. Actions of later protocols are kept out: the protocol tells of them. */
export function parseActions(bytes: Uint8Array): readonly ReadAction[] | undefined {
  const lines = Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const actions = lines.map(parseAction);
  return lines.length > 0 && actions.every((action) => action !== undefined) ? actions : undefined;
}

/** Undefined: it is no action. */
export function parseAction(text: string): ReadAction | undefined {
  const value = parseJson(text);
  if (!isObject(value)) return undefined;
  const { add, remove, metaData, protocol, txn } = value;
  const isWhole =
    (isAbsent(add) || (isObject(add) && isText(add['path']) && isCount(add['size']))) &&
    (isAbsent(remove) || (isObject(remove) && isText(remove['path']))) &&
    (isAbsent(metaData) || (isObject(metaData) && isText(metaData['schemaString']) && isText(metaData['id']))) &&
    (isAbsent(protocol) ||
      (isObject(protocol) && isCount(protocol['minReaderVersion']) && isCount(protocol['minWriterVersion']))) &&
    (isAbsent(txn) || (isObject(txn) && isText(txn['appId']) && isCount(txn['version'])));
  return isWhole ? (value as ReadAction) : undefined;
}

/** Undefined: it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isAbsent = (value: unknown) => value === undefined || value === null;
const isText = (value: unknown) => typeof value === 'string';
const isCount = (value: unknown) => Number.isSafeInteger(value);
