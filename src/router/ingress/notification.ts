import { z } from 'zod';
import type { Content, Notification } from '../../notifiers/types.ts';
import { digest, sortedEntries } from '../notification.ts';
import { type IngressContext, parseBody } from './body.ts';
import { annotations, instant, labels, webLinks, word } from './fields.ts';

const contentKeys = ['text', 'card', 'template'] as const;

/** A notification in Sluice's own form. */
const notificationSchema = z
  .strictObject({
    status: z.enum(['firing', 'resolved', 'event']).default('event'),
    fingerprint: word.optional(),
    text: z.string().min(1).max(1_000_000).optional(),
    card: z.record(z.string(), z.unknown()).optional(),
    template: word.optional(),
    data: z.unknown().optional(),
    labels: labels.default({}),
    annotations: annotations.default({}),
    tags: z.array(word).max(128).default([]),
    severity: word.optional(),
    source: word.optional(),
    links: z.record(z.string().max(256), z.string().max(8_192)).default({}),
    startsAt: instant.optional(),
    endsAt: instant.optional(),
    trail: z.array(word).max(64).default([]),
  })
  .superRefine((body, context) => {
    const given = contentKeys.filter((key) => body[key] !== undefined);
    if (given.length > 1) {
      context.addIssue({ code: 'custom', path: [given[1]!], message: `Give one of ${contentKeys.join(', ')}.` });
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
 * Reads one notification in Sluice's own form.
 *
 * @throws SluiceError `body_invalid`
 */
export function parseNotification(body: string | Uint8Array, { tenant, now }: IngressContext): Notification {
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
    links: webLinks(links),
    startsAt: startsAt ?? now,
    ...(severity !== undefined && { severity }),
    ...(source !== undefined && { source }),
    ...(content && { content }),
    ...(endsAt !== undefined && { endsAt }),
  };
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
