import { inspect } from 'node:util';
import type { SluiceError } from '../../errors/sluice-error.ts';
import { Secret } from '../../runtime/secret.ts';
import { identityOf } from '../endpoint-name.ts';
import type { AllowedHosts } from './allowed-hosts.ts';
import { type Classification, classifyWebhook } from './classify.ts';
import { webhookErrors } from './errors.ts';
import type { WebhookKind } from './host-rows.ts';

/**
 * A webhook URL that may be sent to. Whoever holds the URL can post, so printing, inspecting or serialising it gives
 * {@link WebhookUrl.masked} only.
 */
export class WebhookUrl {
  readonly #url: Secret;
  readonly kind: WebhookKind;
  /** The whole host name. It may hold the id of an environment: for decisions, not for logs. */
  readonly host: string;
  /** A keyed hash of the whole URL: the same for the same URL and key; fit for logs and metrics. */
  readonly identity: string;
  /** Scheme, known part of the host, identity; nothing else of the URL. */
  readonly masked: string;

  private constructor(url: URL, classification: Classification, identityKey: Secret) {
    this.#url = new Secret(url.href);
    this.kind = classification.kind;
    this.host = url.hostname;
    this.identity = identityOf(url.href, identityKey);
    const shownHost = classification.row ? `*${classification.row.host}` : url.host;
    this.masked = `${url.protocol}//${shownHost}/[secret] (${this.identity})`;
  }

  /**
   * @param value - the URL as the user gave it
   * @param options.identityKey - key of the hash in {@link WebhookUrl.identity}
   * @param options.field - where the URL stands, for the error: `--webhook`, `receivers.ops.webhook`
   * @throws SluiceError `webhook_retired`, `webhook_host_moved` or `webhook_configuration`, without any part of the URL
   */
  static parse(
    value: string | Secret,
    options: { readonly allow?: AllowedHosts; readonly identityKey: Secret; readonly field?: string },
  ): WebhookUrl {
    const text = typeof value === 'string' ? value : value.reveal();
    const classification = classifyWebhook(text, options.allow);
    const refusal = refusalOf(classification, options.field ?? 'webhook');
    if (refusal) throw refusal;
    return new WebhookUrl(new URL(text), classification, options.identityKey);
  }

  /** The URL itself. Call it where it goes on the wire, never keep the result. */
  reveal(): string {
    return this.#url.reveal();
  }

  toString(): string {
    return this.masked;
  }

  toJSON(): string {
    return this.masked;
  }

  [inspect.custom](): string {
    return this.masked;
  }
}

/** The error for a URL that is never sent to. */
function refusalOf({ kind, fault }: Classification, field: string): SluiceError | undefined {
  if (kind === 'connector-retired') return webhookErrors.webhook_retired({ field });
  if (kind === 'workflow-legacy-host') return webhookErrors.webhook_host_moved({ field });
  return fault && webhookErrors.webhook_configuration({ field, ...fault });
}
