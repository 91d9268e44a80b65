// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the template language writes placeholders this way
import { describe, expect, it } from 'vitest';
import { cardToText, WORKFLOW } from '../../cards/index.ts';
import { configSchema, type SluiceConfig } from '../../config/schema.ts';
import type { Message, Notification } from '../../messages/types.ts';
import { Renderer } from './render.ts';

const twinUrl = 'http://127.0.0.1:1/hook';

/** @param templates - what the configuration would have read from files */
function setUp(receiver: object = {}, templates: Readonly<Record<string, unknown>> = {}) {
  const schema = configSchema({ environment: {}, folder: '.' });
  const config: SluiceConfig = schema.parse({
    webhooks: { twin_hosts: ['127.0.0.1:1'] },
    receivers: { ops: { webhook: twinUrl } },
  });
  const known = { ...config, templates: { ...templates } };
  known.receivers['ops'] = { ...config.receivers['ops']!, ...receiver };
  const renderer = new Renderer(() => ({ config: known, routingText: '', files: [] }));
  const render = async (...notifications: Notification[]) => {
    const message: Message = {
      id: 'm',
      tenant: 't',
      receiver: 'ops',
      groupKey: 'g',
      groupLabels: {},
      status: notifications[0]!.status,
      notifications,
    };
    const { bodies, fellBack, refusedLinks, droppedValues } = await renderer.render(message);
    const texts = bodies.map(({ attachments: [{ content }] }) =>
      cardToText(content as Parameters<typeof cardToText>[0]),
    );
    return { bodies, texts, fellBack, refusedLinks, droppedValues };
  };
  return { renderer, render };
}

const notification = (over: Partial<Notification> = {}): Notification => ({
  tenant: 't',
  status: 'firing',
  fingerprint: 'f',
  labels: { alertname: 'DiskFull', host: 'db-1' },
  annotations: { summary: 'Disk is *full*', description: 'At <98 %>' },
  tags: [],
  links: { generator: 'http://prometheus:9090/x', dashboard: 'https://grafana.example.com/d/1', other: 'javascript:x' },
  startsAt: Date.UTC(2026, 0, 5),
  trail: [],
  ...over,
});

describe('a message without a card of its own', () => {
  it('shows status, summary, labels, and every link: as a button, or as text where it may not be one', async () => {
    const { texts, bodies } = await setUp().render(notification());
    expect(texts[0]).toContain('Firing: DiskFull');
    for (const part of ['Disk is *full*', 'At <98 %>', 'db-1', '2026-01-05 00:00:00 UTC'])
      expect(texts[0]).toContain(part);
    expect(JSON.stringify(bodies)).toContain('https://grafana.example.com/d/1');
    expect(JSON.stringify(bodies)).toContain('"url":"http://prometheus:9090/x"');
    expect(JSON.stringify(bodies)).not.toContain('"url":"javascript');
    expect(texts[0]).toMatch(/other +javascript:x \(not used as a link/);
  });

  it('counts, and stays within the size of the receiver', async () => {
    const many = Array.from({ length: 500 }, (_, index) =>
      notification({ fingerprint: `f${index}`, labels: { alertname: `A${index}`, text: 'x'.repeat(500) } }),
    );
    const { bodies, texts } = await setUp({ profile: { ...WORKFLOW, maxBytes: 8_000 } }).render(...many);
    expect(texts[0]).toContain('500 firing: A0, A1, A2 and 497 more');
    expect(texts[0]).toMatch(/4\d\d not shown \(4\d\d firing\)/);
    for (const body of bodies) expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThanOrEqual(8_000);
  });

  it('lets names such as constructor be names', async () => {
    const labels = { constructor: 'a', toString: 'b', '\u202Erot': '\u0000c' };
    const { texts } = await setUp().render(notification({ labels, annotations: {} }));
    expect(texts[0]).toContain('constructor');
    expect(JSON.stringify(texts)).not.toMatch(/\u202E/);
  });
});

describe('content of its own', () => {
  const template = { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock', text: '${name}', wrap: true }] };

  it('is shown one by one, beside the alerts that have none', async () => {
    const { texts } = await setUp().render(
      notification(),
      notification({ content: { kind: 'text', text: 'first' } }),
      notification({ content: { kind: 'card', card: { ...template, body: [{ type: 'TextBlock', text: 'second' }] } } }),
    );
    expect(texts).toHaveLength(3);
    expect(texts[1]).toContain('first');
    expect(texts[2]).toContain('second');
  });

  it('is shown beside the template of the receiver, which is for its alerts', async () => {
    const mine = { ...template, body: [{ type: 'TextBlock', text: 'MINE ${count} ${alerts[0].text}', wrap: true }] };
    const { render } = setUp({ template: 'mine' }, { mine });
    const card = { ...template, body: [{ type: 'TextBlock', text: 'second', wrap: true }] };
    const own = notification({ content: { kind: 'card', card } });
    const { texts } = await render(notification({ content: { kind: 'text', text: 'first' } }), own);
    expect(texts).toEqual([expect.stringContaining('MINE 1 first'), expect.stringContaining('second')]);
    expect((await render(own)).texts).toEqual([expect.stringContaining('second')]);
  });

  it('is refused at the door with every fault', async () => {
    const { renderer } = setUp({}, { release: template });
    const check = (name: string, data: unknown) => renderer.check({ kind: 'template', template: name, data }, 't');
    await expect(check('release', { name: 'x' })).resolves.toBeUndefined();
    await expect(check('release', {})).rejects.toMatchObject({ code: 'template_unfilled' });
    await expect(check('relaese', {})).rejects.toMatchObject({
      code: 'template_unknown',
      message: expect.stringContaining('release'),
    });
    await expect(renderer.check({ kind: 'card', card: {} }, 't')).rejects.toMatchObject({ code: 'card_invalid' });
  });

  it('falls back to the plain form when the template of the receiver cannot be filled, and says so', async () => {
    const broken = { ...template, body: [{ type: 'TextBlock', text: '${no.such.field}' }] };
    const { texts, fellBack } = await setUp({ template: 'mine' }, { mine: broken }).render(notification());
    expect(fellBack).toMatchObject({ code: 'template_unfilled' });
    expect(texts[0]).toContain('DiskFull');
  });

  it('leaves the place of a missing annotation or alert empty, and tells a refused link as text', async () => {
    const own = {
      ...template,
      body: [
        {
          type: 'TextBlock',
          text: 'A${alerts[0].annotations.nope}B${alerts[7].labels.x}C ${alerts[0].annotations.d}',
          wrap: true,
        },
      ],
      actions: [{ type: 'Action.OpenUrl', title: 'Source', url: '${alerts[0].links.other}' }],
    };
    const { render } = setUp({ template: 'mine' }, { mine: own });
    const d = 'value[0](x) [a](javascript:b) \u202E';
    const { texts, fellBack, bodies } = await render(
      notification({ labels: { constructor: 'c' }, annotations: { d } }),
    );
    expect(fellBack).toBeUndefined();
    expect(texts[0]!.replaceAll('\u200b', '')).toContain('ABC value[0](x) [a](javascript:b)');
    expect(texts[0]).toContain('Source: not used as a link');
    expect(JSON.stringify(bodies)).not.toContain('OpenUrl');
  });

  it('is used without the links of its data that may not be used, and names each by its place', async () => {
    const { other } = notification().links;
    const own = {
      ...template,
      backgroundImage: '${alerts[0].links.other}',
      body: [
        { type: 'TextBlock', text: 'MINE', wrap: true },
        { type: 'Image', url: '${alerts[0].links.generator}', altText: 'Graph' },
        { type: 'Media', poster: '${alerts[0].links.other}', sources: [{ url: '${alerts[0].links.other}' }] },
      ],
      actions: [{ type: 'Action.OpenUrl', title: 'Go', url: 'https://x.example', iconUrl: '${alerts[0].links.other}' }],
    };
    const { texts, fellBack, refusedLinks, bodies } = await setUp({ template: 'mine' }, { mine: own }).render(
      notification(),
    );
    expect(fellBack).toBeUndefined();
    expect(texts[0]).toMatch(/MINE[\s\S]*Graph: not shown[\s\S]*Media: not shown/);
    expect(refusedLinks.map((place) => place.split(':')[0]).sort()).toEqual([
      '$.actions[0].iconUrl',
      '$.backgroundImage',
      '$.body[1].url',
      '$.body[2].poster',
      '$.body[2].sources[0].url',
    ]);
    expect(JSON.stringify([refusedLinks, bodies])).not.toContain(other);
  });

  it('is used whatever its data are: an unknown colour, a count, a button for each of many alerts', async () => {
    const own = {
      ...template,
      body: [
        { type: 'TextBlock', text: '${count}', color: '${alerts[0].labels.colour}', wrap: true },
        { $data: '${alerts}', type: 'TextBlock', text: '${labels.alertname}', id: '${labels.host}', wrap: true },
      ],
      actions: [{ $data: '${alerts}', type: 'Action.OpenUrl', title: '${labels.alertname}', url: 'https://x.example' }],
    };
    const many = Array.from({ length: 8 }, (_, index) =>
      notification({ fingerprint: `f${index}`, labels: { alertname: `A${index}`, host: 'db-1', colour: 'Reddish' } }),
    );
    const { texts, fellBack, droppedValues } = await setUp({ template: 'mine' }, { mine: own }).render(...many);
    expect(fellBack).toBeUndefined();
    expect(texts[0]).toMatch(/^.*\b8\b/s);
    for (const { labels } of many) expect(texts[0]!.split(labels['alertname']!)).toHaveLength(3);
    expect(droppedValues[0]).toBe('$.body[0].color: it is not known here');
    expect(droppedValues).toHaveLength(8);
  });

  it('shows the links that came with a card: as buttons while there is room, then as a line, else as text', async () => {
    const links = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`l${index}`, `http://wiki/${index}`]));
    const open = (url: string) => ({ type: 'Action.OpenUrl', title: 'Own', url });
    const card = {
      ...template,
      body: [{ type: 'TextBlock', text: 'hello', wrap: true }],
      actions: [open('http://wiki/0')],
    };
    const bad = { evil: 'javascript:x', image: 'https://example.com/a.png' };
    const { bodies, texts, refusedLinks } = await setUp().render(
      notification({ links: { ...links, ...bad }, content: { kind: 'card', card } }),
    );
    const [{ content }] = bodies[0]!.attachments;
    const sent = content as unknown as { readonly actions: readonly { readonly url: string }[] };
    expect(sent.actions.map(({ url }) => url)).toEqual([0, 1, 2, 3, 4, 5].map((index) => `http://wiki/${index}`));
    for (const url of [...Object.values(links), bad.image]) expect(JSON.stringify(content)).toContain(`"${url}"`);
    expect(JSON.stringify(content).split('"http://wiki/0"')).toHaveLength(2);
    expect(texts[0]).toMatch(/hello[\s\S]*evil: javascript:x \(not used as a link/);
    expect(refusedLinks).toEqual(['links.evil: the scheme is "javascript:"']);
  });

  it('shows the links that came with a template of the sender, and a card without links as it came', async () => {
    const { render } = setUp({}, { release: template });
    const content = { kind: 'template', template: 'release', data: { name: 'two' } } as const;
    const { texts, bodies } = await render(notification({ content, links: { runbook: 'http://wiki/1' } }));
    expect(texts[0]).toContain('two');
    expect(JSON.stringify(bodies)).toContain('"title":"Runbook","url":"http://wiki/1"');
    const card = { ...template, body: [{ type: 'TextBlock', text: 'one', wrap: true }] };
    const [body] = (await render(notification({ links: {}, content: { kind: 'card', card } }))).bodies;
    expect(body!.attachments[0].content).toEqual(card);
  });

  it('gives a template what the alerts have in common', async () => {
    const own = {
      ...template,
      body: [
        {
          type: 'TextBlock',
          text: '${count} ${status} on ${commonLabels.host}: ${alerts[1].labels.alertname}, over: ${alerts[1].endsAt}.',
          wrap: true,
        },
      ],
    };
    const second = notification({ fingerprint: 'g', labels: { alertname: 'Slow', host: 'db-1' } });
    const { render } = setUp({ template: 'mine' }, { mine: own });
    const { texts, fellBack } = await render(notification(), { ...second, endsAt: Date.UTC(2099, 0, 1) });
    expect(fellBack).toBeUndefined();
    expect(texts[0]).toContain('2 firing on db-1: Slow, over: .');
    const over = { ...second, status: 'resolved', endsAt: Date.UTC(2026, 0, 6) } as const;
    expect((await render(notification(), over)).texts[0]).toContain('over: 2026-01-06T00:00:00.000Z');
  });
});

describe('what is over', () => {
  const own = (text: string) => ({
    kind: 'card' as const,
    card: { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock', text, wrap: true }] },
  });
  const endsAt = Date.UTC(2026, 0, 6);

  it('says so in words also in a card of its own, unless the card does', async () => {
    const { render } = setUp();
    const say = async (status: Notification['status'], text: string) =>
      (await render(notification({ status, endsAt, content: own(text) }))).texts[0]!;
    expect(await say('resolved', 'Disk of db-1')).toMatch(/Resolved[\s\S]*Disk of db-1/);
    expect((await say('resolved', 'All RESOLVED now')).match(/resolved/gi)).toHaveLength(1);
    expect(await say('firing', 'Disk of db-1')).not.toContain('Resolved');
  });

  it('says so in a template and in a text', async () => {
    const template = { ...own('${alerts[0].labels.host} has ${count}').card };
    const { render } = setUp({ template: 'mine' }, { mine: template });
    expect((await render(notification({ status: 'resolved', endsAt }))).texts[0]).toMatch(/Resolved[\s\S]*db-1 has 1/);
    expect((await render(notification())).texts[0]).not.toContain('Resolved');
    const content = { kind: 'text', text: 'Disk of db-1' } as const;
    const { texts } = await setUp().render(notification({ status: 'resolved', endsAt, content }));
    expect(texts[0]).toMatch(/Resolved[\s\S]*Disk of db-1/);
  });

  it('is shown also when a label or severity has characters that no card may hold', async () => {
    const hostile = notification({ severity: '\u202e!', annotations: { summary: 'a\u0001b\uffff' } });
    const { texts } = await setUp().render(hostile);
    expect(texts[0]).toContain('ab');
  });
});
