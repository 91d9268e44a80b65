import type { HostProfile } from './host-profile.ts';

/** Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference */
const CARD_CONTENT_TYPE = 'application/vnd.microsoft.card.adaptive';

/** A message that carries one card. */
export interface TeamsPayload {
  readonly type: 'message';
  readonly attachments: readonly [
    { readonly contentType: typeof CARD_CONTENT_TYPE; readonly contentUrl?: null; readonly content: unknown },
  ];
}

/**
 * Wraps a card for its host. A bare card passes a Workflows trigger and then fails inside the flow, so it is never sent
 * without this. `contentUrl: null` is part of the Workflows form only.
 *
 * Source: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using#send-adaptive-cards-using-an-incoming-webhook
 */
export function envelope(card: unknown, profile: HostProfile): TeamsPayload {
  const contentUrl = profile.name === 'workflow' ? ({ contentUrl: null } as const) : {};
  return { type: 'message', attachments: [{ contentType: CARD_CONTENT_TYPE, ...contentUrl, content: card }] };
}

/** Bytes of the message that carries the card, counted the way the host counts. */
export function messageBytes(card: unknown, profile: HostProfile): number {
  const body = JSON.stringify(envelope(card, profile));
  return profile.encoding === 'utf-8' ? Buffer.byteLength(body) : body.length * 2;
}
