import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConfigHolder } from '../../../src/config/holder.ts';
import type { Send } from '../../../src/http/types.ts';
import { Oddities } from '../../../src/messages/oddities.ts';
import { connect } from '../../../src/outbox/database.ts';
import { systemRuntime } from '../../../src/runtime/runtime.ts';
import { Sender } from '../../../src/sending/sender.ts';
import { fakeTelemetry } from '../../support/fake-telemetry.ts';
import { alert } from '../../support/routing.ts';
import { until } from '../../support/sending.ts';

/** What stands in a damaged column. A blob is what a broken page of the file reads like. */
const DAMAGE = ["'{\"half'", "x'00ff'"];

/** Columns whose content nobody may read in a log. */
const CONTENT: ReadonlySet<string> = new Set(['payload', 'fallback', 'value', 'times']);

/** The rows that are damaged, one at a time. Of messages, those of the receiver `hurt`. */
const ROWS: Readonly<Record<string, string>> = {
  outbox_messages: "destination = 'hurt'",
  outbox_attempts: 'true',
  outbox_lanes: "lane = 'webhook/hurt'",
  outbox_endpoints: "endpoint = (select endpoint from outbox_lanes where lane = 'webhook/hurt')",
  outbox_limits: "scope = (select endpoint from outbox_lanes where lane = 'webhook/hurt')",
  sender_state: "name = 'test'",
  identity: "name = ''",
  ...Object.fromEntries(
    ['group', 'alert', 'source', 'forwarded', 'silence'].map((kind) => [`sender_entries ${kind}`, `kind = '${kind}'`]),
  ),
};

/** Names of rows that are no table's. */
const TABLES: Readonly<Record<string, string>> = { identity: 'sender_state' };

let folder: string;
const at = (name: string) => join(folder, name);

const CONFIG = `
webhooks: { twin_hosts: ['127.0.0.1:1'] }
outbox: { url: 'sqlite:\${env:OUTBOX}' }
server: { instance: test }
resilience: { initial_backoff_ms: 1000 }
receivers:
  hurt: { webhook: 'http://127.0.0.1:1/hurt' }
  well: { webhook: 'http://127.0.0.1:1/well' }
  other: { webhook: 'http://127.0.0.1:1/other' }
routing:
  inhibit_rules: [{ source_matchers: [kind="slow"], target_matchers: [kind="none"] }]
  route:
    receivers: [well]
    group_wait: 0s
    group_by: [alertname]
    routes:
      - { id: slow, matchers: [kind="slow"], receivers: [well], group_wait: 1h }
      - { id: hurt, matchers: [to="hurt"], receivers: [hurt], fallback_receiver: other }
`;

/** A sender on a database, whose webhooks answer with this status. */
async function opened(file: string, status: number) {
  const posted: string[] = [];
  const telemetry = fakeTelemetry();
  const send: Send = async ({ body }) => {
    posted.push(String(body));
    return { status, headers: {}, body: new Uint8Array() };
  };
  const environment = { OUTBOX: file };
  const config = await createConfigHolder({ file: at('sluice.yaml'), environment, runtime: systemRuntime });
  const sender = await Sender.open({ config, runtime: systemRuntime, telemetry, send });
  const say = async (name: string, to: string) => {
    const labels = { alertname: name, to };
    await sender.accept([alert({ tenant: 'default', status: 'event', fingerprint: name, labels })]);
  };
  const workUntil = async (done: () => boolean) => {
    const over = new AbortController();
    const working = sender.work(over.signal);
    await Promise.race([until(done), working]);
    over.abort();
    await working;
  };
  const said = (name: string) => posted.some((body) => body.includes(name));
  return { sender, telemetry, posted, said, say, workUntil };
}

/** Changes a database by hand. */
async function edit(file: string, ...statements: readonly string[]): Promise<void> {
  const { db } = connect(`sqlite:${file}`);
  for (const statement of statements) await sql.raw(statement).execute(db);
  await db.destroy();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-damaged-'));
  await writeFile(at('sluice.yaml'), CONFIG);
  const { sender, say, workUntil, said } = await opened(at('seed.db'), 503);
  await say('HurtOne', 'hurt');
  await say('HurtTwo', 'hurt');
  await say('WellOne', 'well');
  const slow = { alertname: 'Slow', kind: 'slow' };
  await sender.accept([alert({ tenant: 'default', labels: slow, fingerprint: 'slow', startsAt: Date.now() })]);
  await sender.createSilence({
    tenant: 'default',
    matchers: ['alertname="Hushed"'],
    endsAt: Date.now() + 3_600_000,
    createdBy: 'ann',
    comment: '',
  });
  await sender.acceptBody({
    ingress: 'alertmanager',
    notifications: [alert({ tenant: 'default', labels: { alertname: 'Forwarded' }, fingerprint: 'forwarded' })],
    group: {
      sender: 'alertmanager',
      groupKey: 'g',
      groupLabels: {},
      receiver: 'r',
      truncatedAlerts: 0,
      bodyDigest: 'digest',
    },
    oddities: new Oddities(),
  });
  await workUntil(() => ['HurtOne', 'Forwarded'].every(said));
  await sender[Symbol.asyncDispose]();
  await edit(
    at('seed.db'),
    'update outbox_messages set next_attempt_at = 0, wait_ms = 0',
    'update outbox_lanes set ready_at = 0, wait_ms = 0',
    'pragma wal_checkpoint(truncate)',
  );
}, 60_000);
afterAll(async () => await rm(folder, { recursive: true, force: true }));

async function columnsOf(table: string): Promise<string[]> {
  const { db } = connect(`sqlite:${at('seed.db')}`);
  const { rows } = await sql<{ name: string }>`select name from pragma_table_info(${table})`.execute(db);
  await db.destroy();
  return rows.map(({ name }) => name);
}

describe.each(Object.keys(ROWS))('a damaged row of %s', (where) => {
  it('stops neither the start nor any other message, whatever stands in whichever column', async () => {
    const table = TABLES[where.split(' ')[0]!] ?? where.split(' ')[0]!;
    let damaged = 0;
    const columns = await columnsOf(table);
    for (const column of columns) {
      for (const value of DAMAGE) {
        const name = `${where} ${column} ${DAMAGE.indexOf(value)}`.replaceAll(' ', '-');
        await copyFile(at('seed.db'), at(`${name}.db`));
        // What the database itself does not let in is no damage that can be.
        const set = `update ${table} set ${column} = ${value} where ${ROWS[where]}`;
        const refused = await edit(at(`${name}.db`), 'pragma foreign_keys = off', set).then(
          () => false,
          () => true,
        );
        if (refused) continue;
        damaged += 1;
        const { sender, say, workUntil, said, telemetry } = await opened(at(`${name}.db`), 202);
        await say('WellNew', 'well');
        await say('HurtNew', 'hurt');
        await say('Hushed', 'hurt');
        const wanted = ['WellNew', 'HurtNew', 'WellOne'].filter((one) => !said(one));
        const patience = AbortSignal.timeout(3_000);
        await workUntil(() => patience.aborted || wanted.every(said));
        expect({ name, missing: wanted.filter((one) => !said(one)) }).toEqual({ name, missing: [] });
        if (CONTENT.has(column)) expect(JSON.stringify(telemetry.logs)).not.toContain('half');
        await sender[Symbol.asyncDispose]();
      }
    }
    expect(damaged).toBeGreaterThanOrEqual(Math.min(6, columns.length * DAMAGE.length));
  }, 240_000);
});
