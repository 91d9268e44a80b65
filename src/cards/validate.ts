import type { SluiceError } from '../errors/sluice-error.ts';
import type { CardNode } from './catalogue/rules.ts';
import { CROSS_CHECKS } from './checks/cross.ts';
import { guard } from './checks/guard.ts';
import { submitDataFaults } from './checks/submit-data.ts';
import { sentVersion, VERSION_PATH, versionFaults } from './checks/version.ts';
import { nothingToShow } from './checks/visible.ts';
import { CatalogueWalk, isObject } from './checks/walk.ts';
import { messageBytes } from './envelope.ts';
import { cardErrors } from './errors.ts';
import type { CardFault } from './fault.ts';
import type { HostProfile } from './host-profile.ts';
import type { UrlPolicy } from './url-policy.ts';

/** A card as JSON. */
export type AdaptiveCard = CardNode<'AdaptiveCard'>;

export type ValidateOptions = UrlPolicy;

/** Faults returned at most: a hostile card must not turn into a hostile report. */
const MAX_FAULTS = 100;

/**
 * Every fault of a card for a host, each with its path, errors first. Never throws, whatever the input is, and takes
 * bounded time on inputs of any depth and size.
 */
export function validateCard(card: unknown, profile: HostProfile, options: ValidateOptions = {}): readonly CardFault[] {
  const unfit = guard(card);
  if (unfit.length > 0) return unfit.slice(0, MAX_FAULTS);
  if (!isObject(card) || card['type'] !== 'AdaptiveCard') return [notACard()];
  const walk = new CatalogueWalk(profile, sentVersion(card['version'], profile) ?? profile.version, options);
  walk.card(card);
  const faults = [
    ...versionFaults(card['version'], profile),
    ...walk.faults.filter(({ path }) => path !== VERSION_PATH),
    ...(walk.faults.some(({ severity }) => severity === 'error') ? [] : nothingToShow(walk.nodes)),
    ...CROSS_CHECKS.flatMap((check) => check({ nodes: walk.nodes, texts: walk.texts, profile })),
    ...submitDataFaults(walk.nodes, options),
    ...sizeFaults(card, profile),
  ];
  const bySeverity = (severity: CardFault['severity']) => faults.filter((fault) => fault.severity === severity);
  return [...bySeverity('error'), ...bySeverity('warning')].slice(0, MAX_FAULTS);
}

/**
 * The card as it is sent, if it has no error for this host. Warnings pass.
 *
 * @throws SluiceError `card_invalid`; its `details.faults` lists every error as `path: what is wrong (allowed: …)`
 */
export function checkedCard(card: unknown, profile: HostProfile, options: ValidateOptions = {}): AdaptiveCard {
  const errors = validateCard(card, profile, options).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw cardInvalid(errors, profile);
  return inVersionOf(card, profile);
}

/**
 * The card as it is sent: one that names a version newer than the host's names the host's instead. A host goes by what
 * its client knows, but one that reads the version would show the fallback text alone.
 */
export function inVersionOf(card: unknown, profile: HostProfile): AdaptiveCard {
  const known = card as AdaptiveCard;
  const version = sentVersion(known['version'], profile);
  return version === known['version'] ? known : { ...known, version };
}

/** The error for a card with faults. */
export function cardInvalid(faults: readonly CardFault[], profile: HostProfile): SluiceError {
  return cardErrors.card_invalid({
    host: profile.name,
    codes: faults.map(({ code }) => code),
    faults: faults.map(({ path, message, allowed }) => `${path}: ${message} Allowed: ${allowed}.`),
  });
}

function notACard(): CardFault {
  const message = 'This is no Adaptive Card.';
  return {
    code: 'not_a_card',
    severity: 'error',
    path: '$',
    message,
    allowed: 'an object with "type": "AdaptiveCard"',
  };
}

function sizeFaults(card: unknown, profile: HostProfile): CardFault[] {
  const bytes = messageBytes(card, profile);
  if (bytes <= profile.maxBytes) return [];
  const message = `The message has ${bytes} bytes (${profile.encoding.toUpperCase()}).`;
  return [{ code: 'too_large', severity: 'error', path: '$', message, allowed: `at most ${profile.maxBytes} bytes` }];
}
