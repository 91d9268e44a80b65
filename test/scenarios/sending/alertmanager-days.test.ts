import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Runtime, systemRuntime } from '../../../src/runtime/runtime.ts';
import { alertmanagerAvailable, type PostedAlert, startAlertmanager } from '../../support/alertmanager.ts';
import { BEGIN_MS } from '../../support/fast-runtime.ts';
import { servedSender, servedWebhooks, type TestWebhooks, until } from '../../support/sending.ts';

/** A second of the machine is six hours of the channel: four seconds are a day. */
const SPEED = 21_600;
const HOUR_MS = 3_600_000;

/** The calendar runs fast; timers, as timeouts of sockets need them, do not. */
function calendar(): Runtime {
  const startedMs = Date.now();
  return { ...systemRuntime, now: () => BEGIN_MS + (Date.now() - startedMs) * SPEED };
}

/** Groups are looked at every 3 h and repeated after 12 h, in the channel's time. */
const configOf = (port: string, nightIsMuted: boolean) => `
route:
  receiver: teams
  group_by: [alertname, cluster]
  group_wait: 100ms
  group_interval: 500ms
  repeat_interval: 2s
  routes:
    - matchers: [team="night"]
      group_wait: 100ms
${nightIsMuted ? '      mute_time_intervals: [always]' : ''}
time_intervals:
  - name: always
    time_intervals: [{ times: [{ start_time: '00:00', end_time: '24:00' }] }]
inhibit_rules:
  - source_matchers: [alertname="ClusterDown"]
    target_matchers: [severity="warning"]
    equal: [cluster]
receivers:
  - name: teams
    webhook_configs: [{ url: 'http://127.0.0.1:${port}/v1/alerts/alertmanager', send_resolved: true }]
`;

const alert = (alertname: string, cluster: string, more: Readonly<Record<string, string>> = {}): PostedAlert => ({
  labels: { alertname, cluster, severity: 'critical', ...more },
  annotations: { summary: `${alertname} of ${more['instance'] ?? cluster} in ${cluster}` },
  endsAt: new Date(Date.now() + HOUR_MS).toISOString(),
});
const over = (one: PostedAlert): PostedAlert => ({ ...one, endsAt: new Date().toISOString() });

/** What a person reads in the channel: when, the title, and a line for each alert. */
interface Read {
  readonly when: string;
  readonly title: string;
  readonly alerts: readonly string[];
}

async function readChannel(twin: TestWebhooks): Promise<Read[]> {
  const answer = await fetch(`${twin.base}/_twin/channel?webhook=ops&format=json`);
  const { posts } = (await answer.json()) as { posts: { at: string; cards: { text: string }[] }[] };
  return posts.map(({ at, cards }) => {
    const lines = cards.flatMap(({ text }) => text.split('\n')).map((line) => line.replace(/^[\s|│]+|[\s|│]+$/g, ''));
    const hours = Math.floor((Date.parse(at) - BEGIN_MS) / HOUR_MS);
    return {
      when: `day ${Math.floor(hours / 24) + 1}, hour ${hours % 24}`,
      title: lines.find((line) => /firing|resolved/i.test(line)) ?? '',
      alerts: lines.filter((line) => line.includes(' · ')),
    };
  });
}

const transcriptOf = (read: readonly Read[]) =>
  read
    .map(({ when, title, alerts }) => [`${when}: ${title}`, ...alerts.map((one) => `    ${one}`)].join('\n'))
    .join('\n');

it.skipIf(!alertmanagerAvailable())(
  'says what a real Alertmanager says over days, and nothing else: repeats, silence, inhibition, muted times, restarts',
  async () => {
    const runtime = calendar();
    await using twin = await servedWebhooks(['ops'], runtime);
    const folder = await mkdtemp(join(tmpdir(), 'sluice-days-'));
    const config = { receivers: { ops: { webhook: twin.url } }, webhooks: { twin_hosts: [twin.host] } };
    let sluice = await servedSender(config, { runtime, folder });
    const { port } = new URL(sluice.server.url);
    await using alertmanager = await startAlertmanager(configOf(port, true));
    const about = async (name: string, cluster: string) =>
      (await readChannel(twin)).filter(({ alerts }) =>
        alerts.some((one) => one.includes(`${name} of`) && one.endsWith(`in ${cluster}`)),
      );
    const saidAtLeast = async (count: number, name: string, cluster: string) =>
      await until(async () => (await about(name, cluster)).length >= count);
    /** The witness goes on: so often it is repeated that others would have been, too. */
    const whileWitnessRepeats = async (times: number) =>
      await saidAtLeast((await about('DiskFull', 'west')).length + times, 'DiskFull', 'west');
    const last = async (name: string, cluster: string) => (await about(name, cluster)).at(-1)!;

    // Two groups, one of them of two alerts, and the sender's own repeats.
    const east = [alert('DiskFull', 'east', { instance: 'db-1' }), alert('DiskFull', 'east', { instance: 'db-2' })];
    const west = alert('DiskFull', 'west');
    await alertmanager.post([...east, west]);
    await saidAtLeast(3, 'DiskFull', 'east');
    await saidAtLeast(3, 'DiskFull', 'west');
    expect((await last('DiskFull', 'east')).title).toBe('2 firing: DiskFull');

    // Silenced: not a word, and not that it is over.
    const silence = await alertmanager.silence('cluster', 'east');
    await whileWitnessRepeats(1);
    const beforeSilence = (await about('DiskFull', 'east')).length;
    await whileWitnessRepeats(4);
    expect((await about('DiskFull', 'east')).length).toBe(beforeSilence);
    expect((await last('DiskFull', 'east')).title).toBe('2 firing: DiskFull');
    await alertmanager.expireSilence(silence);
    await saidAtLeast(beforeSilence + 1, 'DiskFull', 'east');

    // Inhibited, and outside its times.
    await alertmanager.post([alert('ClusterDown', 'north')]);
    await saidAtLeast(1, 'ClusterDown', 'north');
    await alertmanager.post([
      alert('Slow', 'north', { severity: 'warning' }),
      alert('Backup', 'south', { team: 'night' }),
    ]);
    await whileWitnessRepeats(2);
    expect(await about('Slow', 'north')).toEqual([]);
    expect(await about('Backup', 'south')).toEqual([]);
    await alertmanager.post([over(alert('ClusterDown', 'north'))]);
    await saidAtLeast(1, 'Slow', 'north');
    await until(async () => (await last('ClusterDown', 'north')).title === 'Resolved: ClusterDown');
    await alertmanager.reload(configOf(port, false));
    await saidAtLeast(1, 'Backup', 'south');

    // Restart of either side. Prometheus posts again what fires.
    await alertmanager.restart();
    await alertmanager.post([...east, west, alert('Slow', 'north', { severity: 'warning' })]);
    await whileWitnessRepeats(2);
    await sluice.server.stop();
    await alertmanager.post([alert('WhileDown', 'west')]);
    sluice = await servedSender({ ...config, server: { port: Number(port) } }, { runtime, folder });
    await saidAtLeast(1, 'WhileDown', 'west');
    await whileWitnessRepeats(1);

    // One of two is over, then the other.
    await alertmanager.post([over(east[0]!)]);
    await until(async () => (await last('DiskFull', 'east')).title === '1 firing, 1 resolved: DiskFull');
    await alertmanager.post([over(east[1]!)]);
    await until(async () => (await last('DiskFull', 'east')).title.includes('esolved: DiskFull'));
    await whileWitnessRepeats(2);

    const read = await readChannel(twin);
    const { SLUICE_TRANSCRIPT: file } = process.env;
    if (file !== undefined) await writeFile(file, `${transcriptOf(read)}\n`);
    expect(read.filter(({ alerts }) => alerts.length === 0)).toEqual([]);
    const clusters = read.map(({ alerts }) => new Set(alerts.map((one) => one.split(' in ').at(-1))).size);
    expect(clusters, 'a message speaks of one group only').toEqual(clusters.map(() => 1));
    const ended = read.flatMap(({ alerts }) => alerts.filter((one) => one.startsWith('Resolved')));
    expect(
      ended.filter((one) => !/ClusterDown of north|DiskFull of db-[12]/.test(one)),
      'nobody said so',
    ).toEqual([]);
    expect(read.flatMap(({ title }) => (/esolved/.test(title) ? [title] : []))).toEqual([
      'Resolved: ClusterDown',
      '1 firing, 1 resolved: DiskFull',
      expect.stringMatching(/^(Resolved|2 resolved): DiskFull$/),
    ]);
    expect(twin.webhooks.ledger('ops').filter(({ duplicate }) => duplicate)).toEqual([]);
    await sluice.server.stop();
    await rm(folder, { recursive: true, force: true });
  },
  120_000,
);
