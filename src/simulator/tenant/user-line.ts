import type { UserRecord } from './line-schema.ts';
import type { TwinUser } from './types.ts';

/** A user as a line says it, the rest filled in. */
export function userOfLine(record: UserRecord): TwinUser {
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
    ...(record.isLicensed !== undefined && { isLicensed: record.isLicensed }),
  };
}
