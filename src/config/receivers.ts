import { z } from 'zod';
import { CARD_VERSIONS } from '../cards/catalogue/rules.ts';
import { HOST_PROFILES, type HostProfile } from '../cards/host-profile.ts';
import type { Window } from '../messages/types.ts';
import type { FieldKit, NotifierKind } from '../notifiers/kind.ts';
import { defaultKind } from '../notifiers/kinds.ts';
import { closed, filled } from '../settings/fields.ts';
import { isTimeZone } from '../settings/time-zone.ts';
import type { ConfiguredNotifier, commonFields } from './notifiers.ts';

export const timezone = filled.refine(isTimeZone, 'Expected the name of a time zone such as Europe/Berlin or UTC.');

/** What every receiver may say, whatever notifier it has. */
const common = {
  tenant: filled.optional().describe('Tenant whose channel it is. Default: auth.tenant_id.'),
  template: filled.optional().describe('Name of the card template for its messages.'),
  timezone: timezone.optional().describe('Time zone of the times in its cards. Default: cards.timezone.'),
  too_large: z.enum(['split', 'shorten']).default('split').describe('What to do with a message that is too large.'),
} satisfies Record<Exclude<(typeof commonFields)[number], 'notifier'>, z.ZodType>;

type Common = z.output<z.ZodObject<typeof common>>;

/** A receiver as it stands in the file: what all have, and what its notifier wants. */
export interface GivenReceiver extends Common {
  readonly notifier: string;
  readonly fields: object;
}

/** A receiver, with what its notifier says of it. */
export interface ReceiverConfig extends GivenReceiver {
  readonly kind: NotifierKind;
  /** What it shows and takes. */
  readonly profile: HostProfile;
  /** How fast its endpoints may be sent to. */
  readonly windows: readonly Window[];
}

/** The fields of a receiver: by its notifier, a closed set each. */
export function receiverSchema(kinds: readonly NotifierKind[], kit: FieldKit): z.ZodType<GivenReceiver> {
  const [first, ...others] = kinds.map((kind) => {
    const literal = z.literal(kind.name);
    const notifier = kind === defaultKind ? literal.default(kind.name) : literal;
    const names = 'Name of the notifier that delivers to it: one of Sluice, or of the modules in `notifiers`.';
    return closed({ notifier: notifier.describe(names), ...kind.fields(kit), ...common });
  });
  const valid = kinds.map(({ name }) => name).join(', ');
  const either = z.discriminatedUnion('notifier', [first!, ...others], {
    error: ({ code }) =>
      code === 'invalid_union'
        ? `Unknown notifier. Valid: ${valid}. One of another package is named in "notifiers" first.`
        : undefined,
  });
  return either.transform(({ notifier, tenant, template, timezone: zone, too_large, ...fields }) => ({
    notifier,
    tenant,
    template,
    timezone: zone,
    too_large,
    fields,
  }));
}

const profileSchema = z.strictObject({
  name: z.enum(['workflow', 'bot']),
  version: z.enum(CARD_VERSIONS),
  maxActions: z.int().min(0).max(100),
  maxBytes: z
    .int()
    .min(512)
    .max(256 * 1024),
  encoding: z.enum(['utf-8', 'utf-16']),
  hasCodeBlock: z.boolean(),
  takesBotIds: z.boolean(),
});

const windowSchema = z.array(z.object({ limit: z.int().min(1), windowMs: z.int().min(1) })).max(20);

/** The receivers with what their notifiers say of them; what these refuse is told by the path of the field. */
export function receiversOf(
  given: Readonly<Record<string, GivenReceiver>>,
  notifiers: readonly ConfiguredNotifier[],
  refuse: (path: readonly PropertyKey[], message: string) => void,
): Record<string, ReceiverConfig> {
  const made = Object.entries(given).flatMap(([name, receiver]) => {
    const { kind, settings } = notifiers.find((one) => one.kind.name === receiver.notifier)!;
    const at = ['receivers', name];
    const ask = <T>(what: string, answer: () => T, fallback: T): T => {
      try {
        return answer();
      } catch (error) {
        // What a foreign error says may hold anything.
        const thrown = error instanceof Error ? error.name : typeof error;
        refuse(at, `The notifier "${kind.name}" has a mistake: ${what} threw ${thrown}, or gave what is none.`);
        return fallback;
      }
    };
    for (const { field, problem } of ask('check', () => kind.check?.(receiver.fields, settings) ?? [], [])) {
      refuse([...at, field], problem);
    }
    const profile = ask('profile', () => profileOf(kind.profile?.(receiver.fields, settings)), HOST_PROFILES.workflow);
    const windows = ask('windows', () => windowSchema.parse(kind.windows?.(receiver.fields, settings) ?? []), []);
    return [[name, { ...receiver, kind, profile, windows }] as const];
  });
  return Object.fromEntries(made);
}

function profileOf(given: Partial<HostProfile> = {}): HostProfile {
  const { name = 'workflow' } = given;
  return profileSchema.parse({ ...HOST_PROFILES[name], ...given });
}
