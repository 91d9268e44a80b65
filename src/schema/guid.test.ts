import { expect, it } from 'vitest';
import { rowsElsewhere } from '../../test/support/lake-pages.ts';
import { canonicalId, canonicalIdSql } from './guid.ts';

const guid = '0A1b2C3d-0000-4000-8000-00000000ABCD';

it.each([
  ['a GUID', guid, guid.toLowerCase()],
  ['a channel', '19:AbC1@thread.tacv2', '19:AbC1@thread.tacv2'],
  ['a membership', 'MCMjMiMj', 'MCMjMiMj'],
  ['36 characters that are no GUID', 'Z'.repeat(36), 'Z'.repeat(36)],
  ['a GUID and more', `${guid}X`, `${guid}X`],
  ['a GUID and a line', `${guid}\n`, `${guid}\n`],
  ['a GUID in braces', `{${guid}}`, `{${guid}}`],
  ['a GUID without hyphens', guid.replaceAll('-', ''), guid.replaceAll('-', '')],
  ['a GUID with its hyphens elsewhere', '0A1b2C3d0000-4000-8000-0000-0000ABCD', '0A1b2C3d0000-4000-8000-0000-0000ABCD'],
  ['a GUID with a letter that is A in lower case only', guid.replace('A', 'Å'), guid.replace('A', 'Å')],
  ['a GUID that is in lower case', guid.toLowerCase(), guid.toLowerCase()],
  ['nothing', '', ''],
])('%s is known by one id, in JavaScript and in SQL', async (_, id, known) => {
  expect(canonicalId(id)).toBe(known);
  const text = `'${id}'`;
  expect(await rowsElsewhere(`SELECT ${canonicalIdSql(text)} AS id`)).toEqual([{ id: known }]);
});
