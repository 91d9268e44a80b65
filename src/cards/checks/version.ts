import { CARD_VERSIONS, type CardVersion, isAtMost } from '../catalogue/rules.ts';
import { type CardFault, quoted } from '../fault.ts';
import type { HostProfile } from '../host-profile.ts';

export const VERSION_PATH = '$.version';

/** The version a card is sent with: its own, at most the host's; undefined when it names none that exists. */
export function sentVersion(version: unknown, profile: HostProfile): CardVersion | undefined {
  const named = CARD_VERSIONS.find((known) => known === version);
  return named && (isAtMost(named, profile.version) ? named : profile.version);
}

/** What is wrong with the version a card names, on a host. */
export function versionFaults(version: unknown, profile: HostProfile): readonly CardFault[] {
  const sent = sentVersion(version, profile);
  if (sent === version && sent !== undefined) return [];
  const host = `the host "${profile.name}"`;
  const allowed = CARD_VERSIONS.filter((known) => isAtMost(known, profile.version));
  const base = { path: VERSION_PATH, allowed: allowed.map((known) => `"${known}"`).join(', ') };
  if (sent !== undefined) {
    const message = `Sent as ${sent}: ${host} shows nothing newer, and ignores what came later.`;
    return [{ ...base, code: 'version_lowered', severity: 'warning', message }];
  }
  if (typeof version === 'number') {
    const text = CARD_VERSIONS.find((known) => Number(known) === version);
    const message = 'The version is a number; Teams reads a text, in quotes.';
    return [{ ...base, code: 'wrong_type', severity: 'error', message, allowed: text ? `"${text}"` : base.allowed }];
  }
  const message =
    version === undefined || version === null
      ? `The version is missing; ${host} shows nothing without.`
      : `There is no version ${typeof version === 'string' ? quoted(version) : 'like this'}.`;
  return [{ ...base, code: 'version_not_supported', severity: 'error', message }];
}
