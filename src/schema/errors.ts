import { defineErrors } from '../errors/define-errors.ts';

export const schemaErrors = defineErrors('config', {
  table_invalid: {
    recovery: 'fail',
    cause: 'The declaration of a table asks for something that no reader of it could do.',
    remedy: 'Correct the field of the declaration that the message names.',
    example: {
      table: 'call_parts',
      field: 'records: "values.parts"',
      valid: 'Give "value", or "value.<list>", "value.<list>.<list>", … for records inside of records.',
    },
    says: ({ table, field }) => `The declaration of table ${table} cannot be used (${field}).`,
    hint: ({ valid }) => valid,
  },
});
