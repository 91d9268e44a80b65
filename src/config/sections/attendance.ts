import { z } from 'zod';
import { isSluiceError } from '../../errors/sluice-error.ts';
import { readLastingUrl } from '../../lake/stores/index.ts';
import { isGuid } from '../../runtime/guid.ts';
import { closed, filled, whole } from '../../settings/fields.ts';
import { placeFrom } from '../../settings/form.ts';
import type { ReferenceSources } from '../../settings/references.ts';
import { section } from '../../settings/section.ts';

/** The days that a first run looks back. */
export const FIRST_DAYS = 30;

/** How documents are laid out where they are written. */
export const layouts = ['runs', 'original'] as const;
export type Layout = (typeof layouts)[number];

/** One whose meetings are read. */
export interface Account {
  /** Sign-in name (UPN) or object id. */
  readonly user: string;
  /** How documents call the account, and their files. */
  readonly name: string;
}

/** A name becomes a part of paths, as it stands. */
const NAME = /^(?!\.{1,2}$)[^/\\:\p{Cc}]{1,100}$/u;
const name = filled.regex(NAME, 'A name has no "/", "\\", ":" or control character, and at most 100 characters.');

/** A name that others gave, where it can be a part of paths. */
export const documentName = (given: string): string | undefined => (NAME.test(given) ? given : undefined);

/** Sign-in names have one "@". https://learn.microsoft.com/en-us/entra/identity/hybrid/connect/plan-connect-userprincipalname */
const user = filled.refine(
  (text) => isGuid(text) || /^[^@\s/]+@[^@\s/]+$/.test(text),
  'Must be a sign-in name (ana@contoso.com) or an object id.',
);

const account = z.union([
  user.transform((text): Account => ({ user: text, name: text })),
  closed({ user, name: name.optional() }).transform(
    (given): Account => ({ user: given.user, name: given.name ?? given.user }),
  ),
]);

/** The section `attendance`: whose meetings the job reads, and what it writes beside the lake. */
export const attendanceSection = section({
  name: 'attendance',
  variables: {
    SLUICE_ATTENDANCE_ACCOUNTS: { key: 'accounts', form: 'list' },
    SLUICE_ATTENDANCE_GROUPS: { key: 'groups', form: 'list' },
    SLUICE_ATTENDANCE_EVERYBODY: { key: 'everybody', form: 'boolean' },
    SLUICE_ATTENDANCE_FIRST_DAYS: { key: 'first_days', form: 'number' },
    SLUICE_ATTENDANCE_CHECKPOINT: { key: 'checkpoint', form: 'place' },
    SLUICE_ATTENDANCE_SNAPSHOTS: { key: 'snapshots', form: 'place' },
    SLUICE_ATTENDANCE_LAYOUT: { key: 'layout', form: 'text' },
  },
  schema: attendanceSchema,
});

function attendanceSchema({ folder }: ReferenceSources) {
  return closed({
    accounts: z
      .array(account)
      .min(1, 'Nobody is named.')
      .refine(areApart, 'Two accounts have one name, or are one user.')
      .optional()
      .describe('Whose meetings are read: sign-in names (UPN) or object ids, each alone or as user and name.'),
    groups: z
      .array(filled.refine(isGuid, 'Must be the object id of a group.'))
      .min(1, 'Nobody is named.')
      .optional()
      .describe('Groups whose members are accounts too, with those of groups inside of them: object ids.'),
    everybody: z.boolean().default(false).describe('Every user of the directory.'),
    first_days: whole(1, 3_650)
      .optional()
      .meta({ description: 'So many days back the first run of an account looks.', default: FIRST_DAYS }),
    checkpoint: filled
      .transform((text) => placeFrom(text, folder))
      .refine(isFileOfAPlace, 'Is no such place. Valid: a file of a folder, or of a store that lasts.')
      .optional()
      .describe('The text file in which the original job kept how far it was. It is read once.'),
    snapshots: filled
      .transform((text) => placeFrom(text, folder))
      .refine(isPlace, 'Is no such place. Valid: a folder, or the URL of a store that lasts.')
      .optional()
      .describe('Where JSON documents of each account and run go. Without it there are none.'),
    layout: z
      .enum(layouts)
      .default('runs')
      .describe(
        'runs: a file for each account and window, never written again. original: the folders, names and all-text tables of the original job.',
      ),
  }).refine(({ accounts, groups, everybody }) => !everybody || (accounts ?? groups) === undefined, {
    path: ['everybody'],
    error: 'Stands beside accounts or groups. Keep one of them.',
  });
}

function areApart(accounts: readonly Account[]): boolean {
  const users = new Set(accounts.map((one) => one.user.toLowerCase()));
  const names = new Set(accounts.map((one) => one.name.normalize('NFC').toLowerCase()));
  return users.size === accounts.length && names.size === accounts.length;
}

/** The store and the key of a file that its URL names. */
export function placeOfFile(url: string): { readonly store: string; readonly key: string } | undefined {
  const [, store, key] = /^(.+)\/([^/?#]+)$/.exec(url) ?? [];
  return store === undefined || key === undefined ? undefined : { store, key };
}

const isFileOfAPlace = (url: string): boolean => isPlace(placeOfFile(url)?.store ?? '');

function isPlace(url: string): boolean {
  try {
    readLastingUrl(url);
    return true;
  } catch (error) {
    if (!isSluiceError(error)) throw error;
    return false;
  }
}
