import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { expect, it } from 'vitest';
import { createConfigHolder } from '../../../src/config/holder.ts';
import type { Send } from '../../../src/http/types.ts';
import { Sender } from '../../../src/sending/sender.ts';
import { fakeTelemetry } from '../../support/fake-telemetry.ts';
import { fastRuntime } from '../../support/fast-runtime.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/older-outboxes', import.meta.url));

/** Two minutes after the fixture was written: its endpoints were out then. */
const LATER = Date.parse('2026-11-29T11:06:00Z');

/** The configuration that stood beside it. */
const config = `
receivers:
  ops: { webhook: 'http://127.0.0.1:1/ops', max_bytes: 20000 }
  builds: { webhook: ['http://127.0.0.1:1/old', 'http://127.0.0.1:1/builds'] }
webhooks: { twin_hosts: ['127.0.0.1:1'] }
routing: { route: { receivers: [ops] } }
`;

// Three alerts and a text for webhooks that nobody answered: with a fallback, in a chain, on lanes that wait.
it('an outbox that 3cc997c wrote is opened, knows its endpoints and delivers each message once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-older-'));
  const database = new Database(join(folder, 'outbox.db'));
  database.exec(`pragma foreign_keys = off;\n${readFileSync(join(fixtures, '3cc997c.sql'), 'utf8')}`);
  database.close();
  await writeFile(join(folder, 'sluice.yaml'), `${config}outbox: { url: 'sqlite:${join(folder, 'outbox.db')}' }\n`);
  const fast = fastRuntime(10);
  const begunMs = fast.now();
  const runtime = { ...fast, now: () => LATER + fast.now() - begunMs };
  const posted: string[] = [];
  const send: Send = async ({ url, body }) => {
    posted.push(`${new URL(url).pathname} ${/(Disk|Chain|Plain) of before|said before/.exec(String(body))?.[0]}`);
    return { status: 202, headers: {}, body: new Uint8Array() };
  };
  const holder = await createConfigHolder({ file: join(folder, 'sluice.yaml'), environment: {}, runtime });
  {
    await using sender = await Sender.open({ config: holder, runtime, telemetry: fakeTelemetry(), send });
    expect(sender.labelsOf('default')).toBeUndefined();
    const known = await sender.outbox.endpoints();
    expect(await sender.enable('ops')).toEqual([known.find(({ health }) => health === 'open')!.endpoint]);
    const stats = await sender.drain(60_000, new AbortController().signal);
    expect(stats.states).toMatchObject({ accepted: 6, pending: 0, retry: 0, dead: 0 });
    expect((await sender.outbox.endpoints()).map(({ endpoint }) => endpoint)).toEqual(
      known.map(({ endpoint }) => endpoint),
    );
  }
  expect(posted.toSorted()).toEqual([
    '/old Chain of before',
    '/old Plain of before',
    '/ops Chain of before',
    '/ops Disk of before',
    '/ops Plain of before',
    '/ops said before',
  ]);
  await rm(folder, { recursive: true });
});
