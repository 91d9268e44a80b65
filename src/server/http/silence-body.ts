import { z } from 'zod';
import { formatMatcher } from '../../router/match/matcher-syntax.ts';
import type { Silence } from '../../router/mute/silence.ts';
import type { SilenceRequest } from '../../router/mute/silences.ts';
import { parseBody } from '../../sending/ingress/body.ts';

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const text = z.string().trim().min(1).max(2_000);

const silenceSchema = z.strictObject({
  matchers: z.array(z.string().max(4_096)).min(1).max(100),
  startsAt: instant.optional(),
  endsAt: instant,
  createdBy: text,
  comment: z.string().max(2_000).default(''),
});

/** @throws SluiceError `body_invalid` */
export function parseSilence(body: Uint8Array, tenant: string): SilenceRequest {
  const { startsAt, ...rest } = parseBody(body, silenceSchema, 'Silence');
  return { ...rest, tenant, startsAt };
}

const instantText = (ms: number) => new Date(ms).toISOString();

/** A silence in the form in which it is asked for. */
export function silenceView({ id, tenant, matchers, startsAt, endsAt, createdAt, createdBy, comment }: Silence) {
  return {
    id,
    tenant,
    matchers: matchers.map(formatMatcher),
    startsAt: instantText(startsAt),
    endsAt: instantText(endsAt),
    createdAt: createdAt === undefined ? undefined : instantText(createdAt),
    createdBy,
    comment,
  };
}
