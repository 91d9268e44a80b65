import type { Hono } from 'hono';
import { z } from 'zod';
import type { TwinClock } from '../clock.ts';
import { applyEvent, parseEvent } from '../tenant/events.ts';
import { LEDGER_TABLES, ledger } from '../tenant/ledger.ts';
import type { TenantStore } from '../tenant/store.ts';
import type { LiveTenant } from './live-tenant.ts';
import { parseInput, readJson } from './parse-input.ts';

const liveSchema = z.strictObject({ eventsPerSecond: z.number().min(0).max(10_000) });

const tableSchema = z.strictObject({ table: z.enum(LEDGER_TABLES as [string, ...string[]]) });

const rowsPerChunk = 1_000;

/** What happens in the tenant, and the truth about it. */
export function addTenantControl(
  app: Hono,
  { tenant, clock, live }: { tenant: TenantStore; clock: TwinClock; live: LiveTenant },
): void {
  app.get('/ledger', (c) => {
    const { table } = parseInput(tableSchema, c.req.query(), 'GET /_twin/ledger');
    return c.body(lines(ledger(tenant, table)), 200, { 'content-type': 'application/x-ndjson' });
  });
  app.post('/events', async (c) => {
    const input = await readJson(c.req.raw);
    const events = (Array.isArray(input) ? input : [input]).map(parseEvent);
    return c.json(events.map((event) => applyEvent(tenant, event, clock.now())));
  });
  app.get('/live', (c) => c.json({ eventsPerSecond: live.eventsPerSecond }));
  app.post('/live', async (c) => {
    const { eventsPerSecond } = parseInput(liveSchema, await readJson(c.req.raw), 'POST /_twin/live');
    live.set(eventsPerSecond);
    return c.json({ eventsPerSecond });
  });
}

/** Rows as NDJSON, as fast as they are read. */
function lines(rows: Iterable<unknown>): ReadableStream<Uint8Array> {
  const iterator = rows[Symbol.iterator]();
  return new ReadableStream({
    pull: (controller) => {
      let chunk = '';
      for (let count = 0; count < rowsPerChunk; count++) {
        const next = iterator.next();
        if (next.done) {
          if (chunk !== '') controller.enqueue(Buffer.from(chunk));
          controller.close();
          return;
        }
        chunk += `${JSON.stringify(next.value)}\n`;
      }
      controller.enqueue(Buffer.from(chunk));
    },
  });
}
