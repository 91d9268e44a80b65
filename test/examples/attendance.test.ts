import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { checkConfig } from '../../src/config/load.ts';
import { variables } from '../../src/config/variables.ts';
import { cli } from '../support/cli.ts';
import { startTwin, type TestTwin } from '../support/twin.ts';

vi.setConfig({ testTimeout: 400_000, hookTimeout: 400_000 });

const examples = new URL('../../examples/attendance/', import.meta.url);
const root = new URL('../../', import.meta.url);
const text = (name: string) => readFileSync(new URL(name, examples), 'utf8');

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly image: string;
  readonly securityContext?: Record<string, unknown>;
}

// biome-ignore lint/suspicious/noExplicitAny: each service has a form of its own
const yaml = (name: string): any => {
  const documents = parseAllDocuments(text(name), { strict: true, uniqueKeys: true });
  expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  expect(documents).toHaveLength(1);
  return documents[0]!.toJS();
};

const job = () => yaml('container-apps-job.yaml');
const cron = () => yaml('kubernetes-cronjob.yaml');
const containerOf = {
  'container-apps-job.yaml': (): Container => job().properties.template.containers[0],
  'kubernetes-cronjob.yaml': (): Container => cron().spec.jobTemplate.spec.template.spec.containers[0],
} as const;

/** The words of a command line that names no word in quotes. */
const commandIn = (line: string): readonly string[] => {
  const words = /sluice (attendance .*?)(?: >>.*)?$/m.exec(line)![1]!;
  return words.trim().split(/\s+/);
};

let twin: TestTwin;
let folder: string;
let upns: readonly string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-examples-'));
  twin = await startTwin({ teams: 1, channels: 1, messages: 1, users: 4, limits: 'none' });
  const { out } = await cli(['ids', 'users', '--json'], twin.env);
  upns = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).userPrincipalName);
});
afterAll(async () => {
  await twin.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command line of an example against the twin, with a lake of this machine. */
async function ran(args: readonly string[]): Promise<number> {
  const lake = join(folder, 'lake');
  const own = args.map((word, at) => (args[at - 1] === '--lake' ? lake : word));
  expect(own).toContain(lake);
  const { code, err } = await cli([...own, '--json'], {
    ...twin.env,
    SLUICE_ATTENDANCE_ACCOUNTS: upns.slice(0, 2).join(','),
  });
  expect(err).not.toContain('usage');
  return code;
}

describe('the examples of the attendance job', () => {
  it.each(Object.entries(containerOf))('%s: its command runs, and its variables are ones', async (_, container) => {
    const { args, env, image } = container();
    expect([0, 3]).toContain(await ran(args));
    const unknown = env.map(({ name }) => name).filter((name) => !(name in variables) && !name.startsWith('AZURE_'));
    expect(unknown).toEqual([]);
    expect(image).toMatch(/:\d+\.\d+\.\d+$/);
    expect(env.filter(({ name, value }) => name.includes('SECRET') && value !== undefined)).toEqual([]);
  });

  it('the Container Apps job has a schedule, one replica, an identity, and room to end', () => {
    const { type, identity, properties } = job();
    const { configuration, template } = properties;
    expect(type).toBe('Microsoft.App/jobs');
    expect(identity.type).toBe('UserAssigned');
    expect(configuration).toMatchObject({ triggerType: 'Schedule', scheduleTriggerConfig: { parallelism: 1 } });
    expect(configuration.scheduleTriggerConfig.cronExpression).toMatch(/^(\S+ ){4}\S+$/);
    expect(configuration.replicaTimeout).toBeGreaterThan(60);
    const volumes = template.volumes.map(({ name }: { name: string }) => name);
    expect(volumes).toEqual(template.containers[0].volumeMounts.map((one: { volumeName: string }) => one.volumeName));
  });

  it('the CronJob is no root, writes its volumes alone, and is given its grace time', () => {
    const { apiVersion, kind, spec } = cron();
    expect([apiVersion, kind, spec.concurrencyPolicy]).toEqual(['batch/v1', 'CronJob', 'Forbid']);
    const pod = spec.jobTemplate.spec.template.spec;
    const [, user] = /^USER (\d+):\d+$/m.exec(readFileSync(new URL('Dockerfile', root), 'utf8'))!;
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: Number(user) });
    expect(pod.containers[0].securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    // The process ends itself after 60 s.
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(60);
    const mounted = pod.containers[0].volumeMounts.map(({ name }: { name: string }) => name);
    expect(mounted.sort()).toEqual(pod.volumes.map(({ name }: { name: string }) => name).sort());
  });

  it('the command lines of the unit and of cron run', async () => {
    const [start] = text('sluice-attendance.service').match(/^ExecStart=.*$/m)!;
    expect([0, 3]).toContain(await ran(commandIn(start)));
    const line = text('crontab').trim().split('\n').at(-1)!;
    expect(line).toMatch(/^0 2 \* \* \* /);
    expect([0, 3]).toContain(await ran(commandIn(line)));
  });

  it('systemd takes the units, where there is one to ask', () => {
    if (spawnSync('systemd-analyze', ['--version']).status !== 0) return;
    for (const name of ['sluice-attendance.service', 'sluice-attendance.timer'])
      writeFileSync(join(folder, name), text(name).replace('/usr/local/bin/sluice', process.execPath));
    const units = ['sluice-attendance.service', 'sluice-attendance.timer'].map((name) => join(folder, name));
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], { encoding: 'utf8' });
    expect(stderr.split('\n').filter((line) => line.includes('sluice-attendance'))).toEqual([]);
  });

  it('the configuration has no fault', async () => {
    const checked = await checkConfig({ file: new URL('sluice.yaml', examples).pathname, environment: {} });
    expect('faults' in checked ? checked.faults : []).toEqual([]);
  });
});

describe('the page of attendance', () => {
  const page = readFileSync(new URL('docs/attendance.md', root), 'utf8');

  it('shows commands that run', async () => {
    const lines = [...page.matchAll(/^ {4}sluice (attendance|query) (.+)$/gm)].map(([, name, rest]) => [name!, rest!]);
    expect(lines.length).toBe(7);
    const [, groupId] = /--group (\S+)$/m.exec(page)!;
    const users = (await twin.ledger('users')).map(({ id }) => String(id));
    await twin.post('/events', [{ type: 'createGroup', groupId, members: users.slice(0, 2) }]);
    const lake = join(folder, 'page');
    for (const [name, rest] of lines) {
      const words = [...rest!.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
      const own = words.map((word, at) => {
        if (word === 'ana@contoso.com') return upns[0]!;
        return ['--lake', '--snapshots'].includes(words[at - 1]!) ? join(folder, word) : word;
      });
      const at = own.includes('--lake') ? [] : ['--lake', lake];
      const { code, err } = await cli([name!, ...own, ...at], twin.env);
      expect([code, err], `${name} ${rest}`).toEqual([0, expect.any(String)]);
    }
  });

  it('shows a configuration without a fault', async () => {
    const [, example] = /```yaml\n([\s\S]*?)```/.exec(page)!;
    const file = join(folder, 'sluice.yaml');
    writeFileSync(file, example!);
    const checked = await checkConfig({ file, environment: {} });
    expect('faults' in checked ? checked.faults : []).toEqual([]);
  });
});
