export type { Column, ColumnType, TableShape } from '../schema/column.ts';
export { tables } from './index.generated.ts';
