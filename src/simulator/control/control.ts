import { Hono } from 'hono';
import { z } from 'zod';
import { Secret } from '../../runtime/secret.ts';
import { faultKinds } from '../faults/fault-kinds.ts';
import { faultRuleSchema } from '../faults/fault-rule.ts';
import { behaviourSchema } from '../graph/behaviour.ts';
import type { World } from '../graph/world.ts';
import { noRequests } from '../limits/request-counts.ts';
import type { TwinService } from '../service.ts';
import type { TenantStore } from '../tenant/store.ts';
import { answerError } from './answer-error.ts';
import type { LiveTenant } from './live-tenant.ts';
import { parseInput, readJson } from './parse-input.ts';
import { addTenantControl } from './tenant-control.ts';

/** What the control interface has, beside what the services add. */
const ownIndex = {
  'GET /_twin': 'this list',
  'GET /_twin/ledger?table=T': 'the truth now as NDJSON: key columns, lastModifiedDateTime, deletedDateTime',
  'POST /_twin/events': 'let things happen: one event or a list, {type, …}',
  'GET /_twin/live': 'how much happens by itself',
  'POST /_twin/live': 'let things happen by themselves: {eventsPerSecond}, 0 stops it',
  'GET /_twin/requests': 'what was asked: counts by limit class, route and status, 429s, requests during a Retry-After',
  'POST /_twin/requests/reset': 'start counting anew',
  'GET /_twin/faults': 'faults in force with their hits, and every kind there is',
  'POST /_twin/faults': `add a fault: {${Object.keys(faultRuleSchema.shape).join(', ')}}, all but kind optional`,
  'DELETE /_twin/faults': 'end all faults',
  'GET /_twin/behaviour': 'how Graph behaves where the published facts leave a choice, and what each setting means',
  'POST /_twin/behaviour': 'change some of it',
  'GET /_twin/permissions': 'what the app is granted',
  'POST /_twin/permissions':
    'grant and withhold: {granted} or {grant, withhold}; with {atOnce} Graph judges by it now, else the next token says it',
  'POST /_twin/credential':
    'replace what the app proves itself with: {secret} or {certificate} (PEM); tokens stay good',
  'GET /_twin/clock': "the tenant's time",
  'POST /_twin/clock': 'move it: {advanceMs} or {set: date-time}, and {rate}',
};

const clockSchema = z.strictObject({
  advanceMs: z.number().optional(),
  set: z.iso.datetime({ offset: true }).optional(),
  rate: z.number().nonnegative().max(100_000).optional(),
});

const permissions = z.array(z.string().min(1));

const permissionsSchema = z.strictObject({
  granted: permissions.optional(),
  grant: permissions.default([]),
  withhold: permissions.default([]),
  atOnce: z.boolean().default(false),
});

const credentialSchema = z.strictObject({
  secret: z.string().min(1).optional(),
  certificate: z.string().startsWith('-----BEGIN CERTIFICATE-----').optional(),
});

/** The control interface of the twin, below `/_twin`. */
export function createControl(
  world: World,
  parts: {
    readonly tenant: TenantStore;
    readonly live: LiveTenant;
    readonly services: readonly TwinService[];
  },
): Hono {
  const { tenant, live, services } = parts;
  const added = services.flatMap(({ control }) => control ?? []);
  const index: Readonly<Record<string, string>> = Object.assign({}, ownIndex, ...added.map((one) => one.index));
  const app = new Hono();
  app.onError(answerError);
  app.notFound((c) =>
    c.json(
      {
        error: {
          code: 'not_found',
          message: `${c.req.method} ${c.req.path} does not exist.`,
          valid: Object.keys(index),
        },
      },
      404,
    ),
  );
  app.get('/', (c) => c.json(index));
  app.get('/requests', (c) => c.json(world.counts));
  app.post('/requests/reset', (c) => {
    world.counts = noRequests();
    return c.body(null, 204);
  });
  addFaults(app, world);
  addBehaviour(app, world);
  addPermissions(app, world);
  addCredential(app, world);
  addClock(app, world);
  addTenantControl(app, { tenant, clock: world.clock, live });
  for (const { routes } of added) app.route('/', routes);
  return app;
}

function addFaults(app: Hono, world: World): void {
  app.get('/faults', (c) => {
    const kinds = Object.fromEntries(Object.entries(faultKinds).map(([name, { summary }]) => [name, summary]));
    return c.json({ faults: world.faults.list(), kinds });
  });
  app.post('/faults', async (c) => {
    const rule = parseInput(faultRuleSchema, await readJson(c.req.raw), 'POST /_twin/faults');
    return c.json(world.faults.add(rule), 201);
  });
  app.delete('/faults', (c) => {
    world.faults.clear();
    return c.body(null, 204);
  });
}

function addBehaviour(app: Hono, world: World): void {
  const settings = Object.entries(behaviourSchema.shape).map(([name, { description }]) => [name, description] as const);
  app.get('/behaviour', (c) => c.json({ behaviour: world.behaviour, settings: Object.fromEntries(settings) }));
  app.post('/behaviour', async (c) => {
    const place = 'POST /_twin/behaviour';
    const change = parseInput(z.record(z.string(), z.unknown()), await readJson(c.req.raw), place);
    world.behaviour = parseInput(behaviourSchema, { ...world.behaviour, ...change }, place);
    return c.json({ behaviour: world.behaviour });
  });
}

function addPermissions(app: Hono, world: World): void {
  const state = () => ({ granted: world.app.permissions, atOnce: world.grantedNow !== undefined });
  app.get('/permissions', (c) => c.json(state()));
  app.post('/permissions', async (c) => {
    const change = parseInput(permissionsSchema, await readJson(c.req.raw), 'POST /_twin/permissions');
    const granted = new Set(change.granted ?? world.app.permissions);
    for (const permission of change.grant) granted.add(permission);
    for (const permission of change.withhold) granted.delete(permission);
    world.app.permissions = [...granted];
    world.grantedNow = change.atOnce ? granted : undefined;
    return c.json(state());
  });
}

function addCredential(app: Hono, world: World): void {
  app.post('/credential', async (c) => {
    const { secret, certificate } = parseInput(credentialSchema, await readJson(c.req.raw), 'POST /_twin/credential');
    if (secret !== undefined) world.app.clientSecret = new Secret(secret);
    if (certificate !== undefined) world.app.certificatePem = certificate;
    return c.body(null, 204);
  });
}

function addClock(app: Hono, world: World): void {
  const { clock } = world;
  const state = () => ({ now: new Date(clock.now()).toISOString(), rate: clock.rate });
  app.get('/clock', (c) => c.json(state()));
  app.post('/clock', async (c) => {
    const move = parseInput(clockSchema, await readJson(c.req.raw), 'POST /_twin/clock');
    // First, so that no time passes at the old rate once the clock is set.
    if (move.rate !== undefined) clock.setRate(move.rate);
    if (move.set !== undefined) clock.set(Date.parse(move.set));
    if (move.advanceMs !== undefined) clock.advance(move.advanceMs);
    return c.json(state());
  });
}
