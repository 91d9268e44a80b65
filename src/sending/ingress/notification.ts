import { z } from 'zod';
import { isBlank } from '../../html/index.ts';
import { below, Oddities } from '../../messages/oddities.ts';
import type { Received } from '../../messages/received.ts';
import type { Content, Notification } from '../../messages/types.ts';
import { digest, sortedEntries } from '../../router/notification.ts';
import { type IngressContext, parseBody } from './body.ts';
import { annotations, instant, labels, MAX_LINK_CHARS, MAX_NAME_CHARS, storable, webLink, word } from './fields.ts';

const contentKeys = ['text', 'card', 'template'] as const;

/** A notification in Sluice's own form. */
const notificationSchema = z
  .strictObject({
    status: z.enum(['firing', 'resolved', 'event']).default('event'),
    fingerprint: word.optional(),
    text: storable.min(1).max(1_000_000).optional(),
    card: z.record(z.string(), z.unknown()).optional(),
    template: word.optional(),
    data: z.unknown().optional(),
    labels: labels.default({}),
    annotations: annotations.default({}),
    tags: z.array(word).max(128).default([]),
    severity: word.optional(),
    source: word.optional(),
    links: z.record(storable.max(MAX_NAME_CHARS), storable.max(MAX_LINK_CHARS)).default({}),
    startsAt: instant.optional(),
    endsAt: instant.optional(),
    trail: z.array(word).max(64).default([]),
  })
  .superRefine((body, context) => {
    const given = contentKeys.filter((key) => body[key] !== undefined);
    if (given.length > 1) {
      context.addIssue({ code: 'custom', path: [given[1]!], message: `Give one of ${contentKeys.join(', ')}.` });
    }
    if (body.text !== undefined && isBlank(body.text)) {
      context.addIssue({ code: 'custom', path: ['text'], message: 'It has no character that anybody would see.' });
    }
    if (given.length === 0 && Object.keys(body.labels).length + Object.keys(body.annotations).length === 0) {
      context.addIssue({
        code: 'custom',
        message: `Nothing to say: give ${contentKeys.join(', ')}, labels or annotations.`,
      });
    }
    if (body.data !== undefined && body.template === undefined) {
      context.addIssue({ code: 'custom', path: ['data'], message: 'Only a template takes data.' });
    }
  });

/**
 * Reads one notification in Sluice's own form. Whoever writes it can correct it, so what is wrong is refused; only a
 * link that no browser opens is left out, and noted.
 *
 * @throws SluiceError `body_invalid`
 */
export function parseNotification(body: string | Uint8Array, context: IngressContext): Received {
  const oddities = new Oddities();
  return { ingress: 'notification', notifications: [readNotification(body, context, oddities)], oddities };
}

function readNotification(
  body: string | Uint8Array,
  { tenant, now }: IngressContext,
  oddities: Oddities,
): Notification {
  const { text, card, template, data, fingerprint, severity, source, startsAt, endsAt, links, ...rest } = parseBody(
    body,
    notificationSchema,
    'Notification',
  );
  const content = contentOf({ text, card, template, data });
  return {
    ...rest,
    tenant,
    fingerprint: fingerprint ?? fingerprintOf({ ...rest, severity, source }, content),
    links: webLinks(links, oddities),
    startsAt: startsAt ?? now,
    ...(severity !== undefined && { severity }),
    ...(source !== undefined && { source }),
    ...(content && { content }),
    ...(endsAt !== undefined && { endsAt }),
  };
}

function webLinks(links: Readonly<Record<string, string>>, oddities: Oddities): Record<string, string> {
  const found = Object.entries(links).flatMap(([name, link]) => {
    const good = webLink(link);
    if (good !== link) oddities.note(below('links', name), 'link', good === undefined ? 'dropped' : 'encoded');
    return good === undefined ? [] : [[name, good] as const];
  });
  return Object.fromEntries(found);
}

function contentOf(given: {
  text: string | undefined;
  card: Record<string, unknown> | undefined;
  template: string | undefined;
  data: unknown;
}): Content | undefined {
  if (given.text !== undefined) return { kind: 'text', text: given.text };
  if (given.card !== undefined) return { kind: 'card', card: given.card };
  if (given.template !== undefined) return { kind: 'template', template: given.template, data: given.data ?? {} };
  return undefined;
}

/** An alert is the same by its labels, whatever it says now; an event is the same by what it says. */
function fingerprintOf(
  {
    status,
    labels,
    tags,
    severity,
    source,
  }: Pick<Notification, 'status' | 'labels' | 'tags'> & {
    severity: string | undefined;
    source: string | undefined;
  },
  content: Content | undefined,
): string {
  const identity = [sortedEntries(labels), [...tags].sort(), severity ?? '', source ?? ''];
  return digest(status === 'event' ? [...identity, content ?? ''] : identity);
}
