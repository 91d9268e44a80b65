import type { Column } from '../../schema/column.ts';

/** The last key column of every exploded table: elements of one list that agree in all others are told apart by it. */
export const occurrence = {
  occurrence: {
    type: 'string',
    from: '$occurrence',
    description: 'Empty; `#2`, `#3`, … for further elements of the same list with the same key.',
  },
} as const satisfies Record<string, Column>;
