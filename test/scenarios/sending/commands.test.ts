// biome-ignore-all lint/suspicious/noTemplateCurlyInString: configurations and templates write placeholders this way
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { servedWebhooks, type TestWebhooks, until } from '../../support/sending.ts';
import { type Finished, runSluice, spawnTwin, startServe } from '../../support/sluice.ts';

let twin: TestWebhooks;
let cwd: string;
const env = () => ({
  TEAMS_WEBHOOK_TWIN_HOSTS: twin.host,
  OPS: twin.url,
  BUILDS: twin.url.replace('/ops/', '/builds/'),
});

const files: Readonly<Record<string, string>> = {
  'sluice.yaml': `
receivers:
  ops: { webhook: '\${env:OPS}' }
  builds: { webhook: '\${env:OPS}' }
routing:
  route:
    receivers: [ops]
    group_wait: 0s
    routes:
      - { id: ci, matchers: ['tag="ci"'], receivers: [builds] }
outbox: { url: 'sqlite:outbox.db' }
`,
  'wrong.yaml':
    'receivers:\n  ops: { webhook: "${env:OPS}" }\nrouting:\n  route:\n    receivers: [opps]\n    group_wait: soon\n',
  'release.card.json': JSON.stringify({
    type: 'AdaptiveCard',
    version: '1.4',
    body: [{ type: 'TextBlock', text: 'Release ${name}', wrap: true }],
  }),
  'build.json': JSON.stringify({ name: '1.4' }),
  'broken.json': JSON.stringify({
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      { type: 'TextBlok', text: 'x' },
      { type: 'Image', url: 'http://10.0.0.1/a.png', altText: 'a' },
    ],
  }),
  'alert.json': JSON.stringify({ text: 'Build 513 is red', tags: ['ci'] }),
};

beforeAll(async () => {
  twin = await servedWebhooks();
});
afterAll(async () => {
  await twin[Symbol.asyncDispose]();
});
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'sluice-commands-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  await fetch(`${twin.base}/_twin/webhooks/reset`, { method: 'POST' });
  return () => rm(cwd, { recursive: true, force: true });
});

const sluice = (args: readonly string[], input = ''): Promise<Finished> => runSluice(args, env(), { cwd, input });
const posts = (id: string) => twin.webhooks.ledger(id).length;
/** No part of the URL that lets one post. */
const keepsSecrets = ({ out, err }: Finished) => {
  expect(out + err).not.toContain(new URL(twin.url).searchParams.get('sig'));
  expect(err).not.toMatch(/\n\s+at /);
};

describe('sluice send', () => {
  it('sends one line with a URL and nothing else', async () => {
    const simulator = await spawnTwin(['--teams', '1', '--channels', '1', '--messages', '5', '--users', '5']);
    try {
      const args = ['send', '--webhook', simulator.webhooks[0]!, '--text', 'Build 512 is green'];
      const { code, out } = await runSluice(args, simulator.env, { cwd });
      expect([code, out]).toEqual([
        0,
        expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\[secret\] .*accepted.*1 attempt/),
      ]);
      const channel = await (await fetch(`${simulator.url}/_twin/channel?webhook=ops`)).text();
      expect(channel).toContain('Build 512 is green');
    } finally {
      simulator.stop();
    }
  });

  it('takes the text from standard input, under a title, and gives the outcome as JSON', async () => {
    const done = await sluice(
      ['send', '--webhook', twin.url, '--title', 'A *title*', '--text', '-', '--json'],
      '<b>hi</b>\n',
    );
    expect(JSON.parse(done.out)).toMatchObject({
      status: 'all_succeeded',
      destinations: [{ receiver: expect.stringContaining('[secret]'), outcome: 'accepted', attempts: 1 }],
    });
    keepsSecrets(done);
    const channel = await twin.channel('ops');
    expect(channel).toContain('A *title*');
    expect(channel).toContain('<b>hi</b>');
  });

  it('sends a template with its data to receivers by name', async () => {
    const done = await sluice(['send', '--to', 'ops,builds', '--card', 'release.card.json', '--data', 'build.json']);
    expect([done.code, done.out]).toEqual([0, expect.stringMatching(/^ops: accepted.*\nbuilds: accepted/)]);
    expect(await twin.channel('ops')).toContain('Release 1.4');
    expect(posts('ops')).toBe(2);
  });

  const connector = 'https://contoso.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d';
  it.each([
    ['a retired URL', ['--webhook', connector, '--text', 'x'], /^webhook_retired: --webhook: .*Workflows/],
    [
      'an unknown host',
      ['--webhook', 'https://example.com/hook?sig=s', '--text', 'x'],
      /^webhook_configuration: .*Valid: /,
    ],
    ['an unknown receiver', ['--to', 'opps', '--text', 'x'], /^receiver_unknown: to: "opps".*Valid: ops, builds/],
    [
      'a missing placeholder',
      ['--to', 'ops', '--card', 'release.card.json'],
      /^template_unfilled: .*\$\.body\[0\]\.text needs "name"/,
    ],
    ['a broken card', ['--to', 'ops', '--card', 'broken.json'], /^card_invalid: .*\$\.body\[0\]\.type: "TextBlok"/],
    [
      'a card that is no JSON',
      ['--to', 'ops', '--card', 'sluice.yaml'],
      /^card_not_readable: sluice\.yaml is not JSON/,
    ],
    [
      'a file that is not there',
      ['--to', 'ops', '--card', 'none.json'],
      /^file_unreadable: The file none\.json .*ENOENT/,
    ],
    [
      'a wrong configuration',
      ['--to', 'ops', '--text', 'x', '--config', 'wrong.yaml'],
      /^config_invalid: .*wrong\.yaml:\d+:\d+ /,
    ],
    ['no text', ['--to', 'ops'], /^usage: Nothing to send/],
    ['no receiver', ['--text', 'x'], /^usage: Nowhere to send to/],
  ])('refuses %s', async (_, args, message) => {
    const done = await sluice(['send', ...args]);
    expect([done.code, done.err]).toEqual([2, expect.stringMatching(message)]);
    keepsSecrets(done);
    expect(posts('ops')).toBe(0);
  });

  it('says why nothing arrived', async () => {
    await twin.script('ops', { steps: [{ do: 'status', status: 404 }] });
    const done = await sluice(['send', '--webhook', twin.url, '--text', 'lost']);
    expect([done.code, done.out]).toEqual([1, expect.stringMatching(/refused \(1 attempt\)\n {2}webhook_not_found: /)]);
    keepsSecrets(done);
  });

  it('splits a card that is too large, and says so', async () => {
    const body = Array.from({ length: 40 }, (_, index) => ({
      type: 'TextBlock',
      text: `${index} ${'x'.repeat(1_500)}`,
      wrap: true,
    }));
    await writeFile(join(cwd, 'large.json'), JSON.stringify({ type: 'AdaptiveCard', version: '1.4', body }));
    expect((await sluice(['card', 'lint', 'large.json'])).out).toMatch(/^\$: error too_large: .*at most 28672 bytes/);
    expect((await sluice(['send', '--webhook', twin.url, '--card', 'large.json'])).code).toBe(0);
    expect(posts('ops')).toBeGreaterThan(1);
    expect(await twin.channel('ops')).toMatch(/1 of \d|\(1\/\d\)|Part 1/i);
  });

  it('ends with code 3 when a card had to be shortened, and says by how much', async () => {
    const body = [{ type: 'TextBlock', id: 'all', text: 'word '.repeat(10_000), wrap: true }];
    const actions = [{ type: 'Action.ToggleVisibility', title: 'More', targetElements: ['all'] }];
    await writeFile(join(cwd, 'long.json'), JSON.stringify({ type: 'AdaptiveCard', version: '1.4', body, actions }));
    const { code, out } = await sluice(['send', '--webhook', twin.url, '--card', 'long.json', '--json']);
    const [report] = (JSON.parse(out) as { destinations: { charactersNotSent?: number }[] }).destinations;
    expect([code, report!.charactersNotSent]).toEqual([3, expect.any(Number)]);
  });
});

describe('sluice send --text', () => {
  it('sends a long text as several messages, in order, with nothing missing, and says how many', async () => {
    const text = Array.from({ length: 8_000 }, (_, index) => `line ${index} <ok>`).join('\n');
    const { code, out } = await sluice(['send', '--webhook', twin.url, '--text', '-', '--json'], text);
    const [report] = (JSON.parse(out) as { destinations: { parts: number; charactersNotSent?: number }[] })
      .destinations;
    expect([code, report!.charactersNotSent]).toEqual([0, undefined]);
    expect(posts('ops')).toBe(report!.parts);
    const shown = await twin.channel('ops');
    expect([...shown.matchAll(/line (\d+) <ok>/g)].map(([, number]) => Number(number))).toEqual(
      Array.from({ length: 8_000 }, (_, index) => index),
    );
  });

  it('says what it took away, and refuses what nobody would see', async () => {
    const { code, out } = await sluice(['send', '--webhook', twin.url, '--text', 'pay \u202eevil\u0007 now']);
    expect([code, out]).toEqual([0, expect.stringContaining('2 control or direction characters were taken away')]);
    const blank = await sluice(['send', '--webhook', twin.url, '--text', ' \u200b\u200d']);
    expect([blank.code, blank.err]).toEqual([2, expect.stringContaining('the text is blank')]);
    expect(posts('ops')).toBe(1);
  });
});

describe('sluice card', () => {
  it('lists every fault with its path', async () => {
    const { code, out } = await sluice(['card', 'lint', 'broken.json', '--json']);
    const faults = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { path: string; code: string });
    expect(code).toBe(1);
    expect(faults.map(({ path, code }) => [path, code])).toEqual([
      ['$.body[0].type', 'unknown_element'],
      ['$.body[1].url', 'url_not_allowed'],
    ]);
  });

  it('draws a card and writes its page', async () => {
    const { code, out } = await sluice([
      'card',
      'preview',
      'release.card.json',
      '--data',
      'build.json',
      '--html',
      'out.html',
    ]);
    expect([code, out]).toEqual([0, expect.stringContaining('│ Release 1.4')]);
    expect(await readFile(join(cwd, 'out.html'), 'utf8')).toContain('Release 1.4');
  });
});

describe('sluice route', () => {
  it('checks a configuration and gives line and path of each fault', async () => {
    expect((await sluice(['route', 'check'])).out).toBe('sluice.yaml: no fault. Routes: 2. Receivers: 2.\n');
    const { code, out } = await sluice(['route', 'check', 'wrong.yaml']);
    expect(code).toBe(1);
    expect(out).toMatch(/^wrong\.yaml:6:5 routing\.route\.group_wait: Expected a duration/m);
  });

  it('says which routes match, why, and what would be sent to whom', async () => {
    const { code, out } = await sluice(['route', 'explain', 'alert.json']);
    expect(code).toBe(0);
    expect(out).toMatch(/✓ ci .*takes it\n\s+holds {2}tag="ci"/);
    expect(out).toMatch(/To builds:\n╭─+╮\n│ Build 513 is red/);
    expect(posts('ops')).toBe(0);
  });

  it('puts the alerts of one group into one message, as the router does', async () => {
    const alert = (host: string) => ({
      status: 'firing',
      labels: { alertname: 'DiskFull', host },
      startsAt: '2026-01-05T12:00:00Z',
    });
    const body = JSON.stringify({ version: '4', alerts: [alert('a'), alert('b')] });
    const { out } = await sluice(['route', 'explain', '-'], body);
    expect(out.match(/<- takes it/g)).toHaveLength(2);
    expect(out.match(/^To ops:$/gm)).toHaveLength(1);
    expect(out).toContain('2 firing: DiskFull');
  });

  it('explains as JSON too', async () => {
    const { out } = await sluice(['route', 'explain', 'alert.json', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      notifications: [{ status: 'event', assignments: [{ route: 'ci', receivers: ['builds'] }] }],
      messages: [{ receiver: 'builds', bodies: [{ type: 'message' }] }],
    });
  });
});

describe('sluice outbox', () => {
  it('shows what is dead and why, and sends it again', async () => {
    await twin.script('ops', { steps: [{ do: 'status', status: 404 }] });
    await sluice(['send', '--to', 'ops', '--text', 'second try']);
    const listed = await sluice(['outbox', 'list', '--state', 'dead', '--json']);
    const { id } = JSON.parse(listed.out) as { id: string };
    const shown = await sluice(['outbox', 'show', id]);
    expect(shown.out).toMatch(/dead \(permanent\), to ops[\s\S]*webhook_not_found[\s\S]*permanent/);
    expect(shown.out).not.toContain('second try');
    expect((await sluice(['outbox', 'show', id, '--content'])).out).toContain('second try');
    expect((await sluice(['outbox', 'redrive', '--to', 'builds'])).out).toBe('No dead letter fits.\n');
    expect((await sluice(['outbox', 'redrive', '--to', 'ops'])).out).toBe(`Pending again: 1\n${id}\n`);
    expect(await sluice(['outbox', 'drain'])).toMatchObject({ code: 0, out: 'Messages: 1 accepted.\n' });
    expect(await twin.channel('ops')).toContain('second try');
    const { code, err } = await sluice(['outbox', 'show', 'nope']);
    expect([code, err]).toEqual([1, expect.stringMatching(/^message_not_found: .*"nope"/)]);
  });

  it.each([
    ['a state that does not exist', ['list', '--state', 'ded'], 2, /Valid: pending, /],
    ['a redrive of everything by oversight', ['redrive'], 2, /^usage: .*--all/],
    ['another database', ['list', '--outbox', 'mysql://root:secret@db/x'], 2, /^outbox_url_invalid: .*sqlite:PATH/],
  ])('refuses %s', async (_, args, exitCode, message) => {
    const { code, err } = await sluice(['outbox', ...args]);
    expect([code, err]).toEqual([exitCode, expect.stringMatching(message)]);
    expect(err).not.toContain('secret');
  });
});

describe('sluice serve', () => {
  it('takes messages, lets commands work beside it, and loses nothing it took at SIGTERM', async () => {
    const settings = { ...env(), SLUICE_LOG_LEVEL: 'info' };
    const server = await startServe([], settings, { cwd });
    const post = (text: string) =>
      fetch(`${server.url}/v1/notifications`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text, tags: ['ci'] }),
      });
    expect((await post('taken by the server')).status).toBe(202);
    await until(() => posts('ops') === 1);
    expect((await sluice(['send', '--to', 'ops', '--text', 'sent beside it'])).code).toBe(0);
    await post('taken at the end');
    server.child.kill('SIGTERM');
    const { code, err } = await server.finished;
    expect(code).toBe(0);
    expect(err).toContain('"drained":"true"');
    expect(err).not.toContain('taken at the end');
    const next = await startServe([], settings, { cwd });
    await until(() => posts('ops') === 3);
    next.child.kill('SIGTERM');
    expect((await next.finished).code).toBe(0);
    expect((await sluice(['outbox', 'list'])).out).toContain('Messages: 3 accepted.');
  });

  it.each([
    ['a port that is no number', ['--port', 'many'], /^config_invalid: .*--port server\.port/],
    ['a host for everybody without keys', ['--host', '0.0.0.0'], /^config_invalid: .*server\.api_keys: Without keys/],
  ])('refuses %s', async (_, args, message) => {
    const { code, err } = await sluice(['serve', ...args]);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });
});
