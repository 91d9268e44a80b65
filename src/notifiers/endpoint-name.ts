import { createHmac } from 'node:crypto';
import { Secret } from '../runtime/secret.ts';
import type { Endpoint } from './kind.ts';

const IDENTITY_LENGTH = 16;

/** A keyed hash: the same for the same text and key, fit for logs and metrics. */
export const identityOf = (text: string, key: Secret): string =>
  createHmac('sha256', key.reveal()).update(text).digest('hex').slice(0, IDENTITY_LENGTH);

/** What may be shown as it stands. A URL is none of it. */
const SHOWN = /^[\w.@-]{1,100}$/;

/**
 * What the outbox calls an endpoint of a notifier.
 *
 * @param secrets - texts that may not be shown
 */
export function endpointName(
  notifier: string,
  endpoint: Endpoint,
  { identityKey, secrets }: { readonly identityKey: Secret; readonly secrets: readonly string[] },
): string {
  const text = endpoint instanceof Secret ? endpoint.reveal() : endpoint;
  const isShown = text === endpoint && SHOWN.test(text) && !secrets.some((secret) => text.includes(secret));
  return `${notifier}:${isShown ? text : identityOf(text, identityKey)}`;
}

/** What it calls the endpoint of a destination whose notifier names none. */
export const ownEndpointName = (notifier: string, destination: string): string => `${notifier}/${destination}`;

/** Names of notifiers have no space: what is read from Graph is called by its method and route. */
export const isNotifierEndpoint = (endpoint: string): boolean => /^[a-z][a-z0-9-]*[:/]/.test(endpoint);
