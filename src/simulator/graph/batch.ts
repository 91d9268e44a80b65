import { createHash } from 'node:crypto';
import { z } from 'zod';
import { bodyText, json, type TwinAnswer, type TwinRequest } from '../protocol/exchange.ts';
import { GraphRefusal, refusals } from '../protocol/graph-refusal.ts';
import type { GraphBehaviour } from './behaviour.ts';
import type { World } from './world.ts';

/** @see https://learn.microsoft.com/en-us/graph/json-batching */
const batchSchema = z.object({
  requests: z
    .array(
      z.object({
        id: z.union([z.string(), z.number()]).transform(String),
        method: z.string().transform((method) => method.toUpperCase()),
        url: z.string(),
        headers: z.record(z.string(), z.string()).default({}),
        body: z.unknown().optional(),
        dependsOn: z.array(z.union([z.string(), z.number()]).transform(String)).default([]),
      }),
    )
    .min(1),
});

type InnerRequest = z.output<typeof batchSchema>['requests'][number];

const maximum = 20;

async function readBatch(request: TwinRequest): Promise<InnerRequest[]> {
  const parsed = batchSchema.safeParse(await request.text().then(parseJson));
  if (!parsed.success || request.method !== 'POST') {
    throw new GraphRefusal(refusals.badRequest('Invalid batch payload format.'));
  }
  const { requests } = parsed.data;
  if (requests.length > maximum) {
    throw new GraphRefusal(refusals.badRequest(`Number of batch requests exceeds the limit of ${maximum}.`));
  }
  if (new Set(requests.map(({ id }) => id.toLowerCase())).size < requests.length) {
    throw new GraphRefusal(refusals.badRequest('Request id values must be unique within a batch.'));
  }
  return requests;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Answers a `$batch`: each inner request passes token, limits and permission by itself; one whose dependency failed
 * gets 424. The answers come in another order than the requests.
 */
export async function answerBatch(
  world: World,
  request: TwinRequest,
  answer: (inner: TwinRequest) => Promise<TwinAnswer>,
): Promise<TwinAnswer> {
  const requests = await readBatch(request);
  world.counts.batches++;
  const answers = new Map<string, TwinAnswer>();
  for (const inner of requests) {
    const failed = inner.dependsOn.some((id) => (answers.get(id)?.status ?? 424) >= 400);
    const answered = failed ? dependencyFailed : await answer(asRequest(inner, request));
    answered.onSent?.();
    answers.set(inner.id, answered);
  }
  const order = (id: string) => createHash('sha1').update(`${world.behaviour.seed} ${id}`).digest('hex');
  const responses = [...answers]
    .map(([id, inner]) => ({
      id,
      status: inner.status,
      headers: innerHeaders(inner, world.behaviour.form),
      body: innerBody(inner),
    }))
    .sort((a, b) => (order(a.id) < order(b.id) ? -1 : 1));
  const wire = [...answers.values()].find((inner) => inner.wire)?.wire;
  return { ...json(200, { responses }), ...(wire && { wire }) };
}

const dependencyFailed = json(424, {
  error: { code: 'FailedDependency', message: 'The request failed because a request it depends on failed.' },
});

function asRequest(inner: InnerRequest, outer: TwinRequest): TwinRequest {
  const headers = new Map(Object.entries(inner.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const root = outer.url.pathname.replace(/\/\$batch$/i, '');
  return {
    method: inner.method,
    url: new URL(`${outer.url.origin}${root}/${inner.url.replace(/^\//, '')}`),
    header: (name) => headers.get(name) ?? (name === 'authorization' ? outer.header(name) : undefined),
    text: async () => JSON.stringify(inner.body ?? null),
  };
}

const sent = ['content-type', 'retry-after', 'location', 'request-id'];

/** Inner 429s were recorded without a Retry-After. */
function innerHeaders({ status, headers }: TwinAnswer, form: GraphBehaviour['form']): Record<string, string> {
  const isKept = (name: string) =>
    sent.includes(name) && !(form === 'recorded' && status === 429 && name === 'retry-after');
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isKept(name)));
}

/** Inner JSON is part of the outer one. `@odata.count` of messages is a number here, as really seen. */
function innerBody(answer: TwinAnswer): unknown {
  const body = parseJson(bodyText(answer));
  if (typeof body !== 'object' || body === null) return Buffer.from(answer.body).toString('base64');
  const count = (body as Record<string, unknown>)['@odata.count'];
  return count === undefined ? body : { ...body, '@odata.count': Number(count) };
}
