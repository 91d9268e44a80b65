import { z } from 'zod';
import { id, text } from './line-schema.ts';
import type { TwinUser } from './types.ts';

export const UserLine = z.object({
  id,
  displayName: text,
  mail: text.nullish(),
  userPrincipalName: text.optional(),
  givenName: text.nullish(),
  surname: text.nullish(),
  jobTitle: text.nullish(),
  officeLocation: text.nullish(),
  mobilePhone: text.nullish(),
  businessPhones: z.array(text).optional(),
  preferredLanguage: text.nullish(),
  accountEnabled: z.boolean().optional(),
  userType: z.enum(['Member', 'Guest']).optional(),
  isLicensed: z.boolean().optional(),
});

/** A user as a line says it, the rest filled in. */
export function userOfLine(record: z.infer<typeof UserLine>): TwinUser {
  const mail = record.mail ?? null;
  return {
    id: record.id,
    displayName: record.displayName,
    mail,
    userPrincipalName: record.userPrincipalName ?? mail ?? `${record.id}@loaded.example`,
    givenName: record.givenName ?? null,
    surname: record.surname ?? null,
    jobTitle: record.jobTitle ?? null,
    officeLocation: record.officeLocation ?? null,
    mobilePhone: record.mobilePhone ?? null,
    businessPhones: record.businessPhones ?? [],
    preferredLanguage: record.preferredLanguage ?? null,
    accountEnabled: record.accountEnabled ?? true,
    userType: record.userType ?? 'Member',
    isLicensed: record.isLicensed,
  };
}
