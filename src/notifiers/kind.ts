import type { z } from 'zod';
import type { TeamsPayload } from '../cards/envelope.ts';
import type { HostProfile } from '../cards/host-profile.ts';
import type { Send } from '../http/types.ts';
import type { Blame, Subject, Window } from '../messages/types.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Secret } from '../runtime/secret.ts';

/** Version of what stands in this file. A notifier says which one it was made for. */
export const NOTIFIER_API = 1;

/** What the fields of a configuration are made of: Zod, and the forms that only Sluice knows how to read. */
export interface FieldKit {
  /** @see https://zod.dev/api */
  readonly z: typeof z;
  /** A text that is not empty. */
  readonly text: z.ZodType<string>;
  /** A text that nobody may see. Written as `${env:NAME}`, as `file:PATH`, or as itself. */
  readonly secret: z.ZodType<Secret>;
  /** A path of this machine; relative ones begin at the folder of the configuration. */
  readonly path: z.ZodType<string>;
}

/** A field for each of the values. */
export type Fields<Values extends object> = { readonly [Key in keyof Values]-?: z.ZodType<Values[Key]> };

/** The fields of the sections that settings stand in. */
export type Sections<Settings extends object> = {
  readonly [Section in keyof Settings]-?: Settings[Section] extends object ? Fields<Settings[Section]> : never;
};

/**
 * What leads to a receiver: its own windows, holds and health. A text is shown in lists, logs and metrics; of a secret,
 * such as a URL, only a hash is.
 */
export type Endpoint = string | Secret;

/** What is wrong with a field of a receiver. */
export interface FieldFault {
  readonly field: string;
  /** A sentence with what would be right, and without the value. */
  readonly problem: string;
}

/** How requests are made, by the configuration in use. */
export interface NetworkSettings {
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
}

/** What a notifier is given by the program that it works in. */
export interface NotifierHost<Settings extends object = object> {
  readonly runtime: Runtime;
  /** The notifier's own settings in the configuration in use: asked at every use, they are those of the last reload. */
  readonly settings: () => Settings;
  readonly network: () => NetworkSettings;
  /**
   * Sends one request, through the proxies and with the certificate authorities and time limits of the configuration.
   * Redirects are answers. Rejects when no answer came; then `details.sent === false` proves that nothing was sent.
   */
  readonly send: Send;
}

/** A message on its way to a receiver. */
export interface Delivery<Receiver extends object = object> {
  /** The same in every attempt: what the other side can tell a duplicate by. */
  readonly id: string;
  /** From 1. */
  readonly attempt: number;
  /** Name of the receiver. */
  readonly to: string;
  /** The receiver's fields, in the configuration in use. */
  readonly receiver: Receiver;
  /** The message with its Adaptive Card, as {@link NotifierKind.profile} takes it. */
  readonly body: TeamsPayload;
  /** The same as plain text. */
  readonly text: () => string;
  /** What it tells of; undefined: it is said once. Who can, puts it in the place of an older message about the same. */
  readonly subject?: Subject | undefined;
  /** The endpoint to begin with, of {@link OpenNotifier.endpoints}: those before it are out. */
  readonly endpoint?: Endpoint | undefined;
}

/** Why an attempt failed. It is stored, logged and shown: no secret, no text of the message. */
export interface Failure {
  /** Stable, snake_case. */
  readonly code: string;
  /** What happened. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

interface Failed {
  readonly error: Failure;
  readonly blame?: Blame | undefined;
}

/**
 * What one attempt came to. `delivered`: it is proven, and `id` is the receipt. `accepted`: the other side took it and
 * promises nothing. `retry`: nothing was done. `unknown`: it may have been done. `permanent`: trying again cannot help.
 */
export type Answer = (
  | { readonly kind: 'delivered'; readonly id: string }
  | { readonly kind: 'accepted' }
  | ({ readonly kind: 'retry' | 'unknown'; readonly afterMs?: number | undefined } & Failed)
  | ({ readonly kind: 'permanent' } & Failed)
) & {
  /** The endpoint that this is about. Default: the one of the delivery. */
  readonly endpoint?: Endpoint | undefined;
  /** What those said that were asked before it. */
  readonly refusals?: readonly { readonly endpoint: Endpoint; readonly outcome: Answer }[] | undefined;
};

/** A notifier at work. */
export interface OpenNotifier<Receiver extends object = object> {
  /**
   * What leads to a receiver, best first. Receivers that share one share its windows, holds and health. Default: one for
   * each receiver.
   */
  endpoints?(receiver: Receiver): readonly Endpoint[];
  /**
   * Windows that a receiver shares with others whatever their endpoints are: by a name for each count, which holds no
   * secret. Default: none.
   */
  sharedWindows?(receiver: Receiver): readonly { readonly name: string; readonly windows: readonly Window[] }[];
  /** Makes one attempt. What it throws counts as `unknown`. */
  notify(delivery: Delivery<Receiver>, signal: AbortSignal): Promise<Answer>;
  /** Called once, when nothing more will be sent. */
  close?(): Promise<void>;
}

/**
 * A way to deliver messages: what its receivers are configured with, what they take, how fast, and how they are reached.
 * Order, retries, duplicates and dead letters are the outbox's business.
 */
export interface NotifierKind<Receiver extends object = object, Settings extends object = object> {
  readonly api: typeof NOTIFIER_API;
  /** What `notifier:` of a receiver says. Lower case, digits and `-`. */
  readonly name: string;
  /** The fields of its receivers, beside those that every receiver has. */
  fields(kit: FieldKit): Fields<Receiver>;
  /** The fields of its own sections of the configuration. `resilience` may be one of them; others belong to nobody else. */
  settings?(kit: FieldKit): Sections<Settings>;
  /** What cannot be seen of one field alone. */
  check?(receiver: Receiver, settings: Settings): readonly FieldFault[];
  /** What a receiver shows and takes. Default: what a Workflows webhook does. */
  profile?(receiver: Receiver, settings: Settings): Partial<HostProfile>;
  /** The limits that are published, for each endpoint. Default: none. */
  windows?(receiver: Receiver, settings: Settings): readonly Window[];
  /** Called once, before the first message. Opens nothing yet: what is slow or heavy waits for the first attempt. */
  open(host: NotifierHost<Settings>): OpenNotifier<Receiver>;
}
