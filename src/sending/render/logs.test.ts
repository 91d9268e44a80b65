import { expect, it } from 'vitest';
import { alert } from '../../../test/support/routing.ts';
import { cardToText, WORKFLOW } from '../../cards/index.ts';
import { configSchema } from '../../config/schema.ts';
import type { Message, Notification } from '../../messages/types.ts';
import { cutText, TextCuts } from './cut-text.ts';
import { Renderer } from './render.ts';

const lineOf = (at: number) => `2026-11-28T10:00:00Z INFO step ${at} of the job went as it should`;
const log = (lines: number) =>
  [...Array.from({ length: lines }, (_, at) => lineOf(at)), 'FATAL: THE END that says what happened'].join('\n');

/** Programs' output in the forms in which it comes. */
const LOGS: Readonly<Record<string, string>> = {
  'lines with a time': log(400),
  'a stack': `Error: boom\n${'    at run (/app/main.js:10:5)\n'.repeat(300)}THE END`,
  'lines with a level': `${'ERROR disk is full\n'.repeat(90).repeat(5)}THE END`,
  'fields of logfmt': `${'ts=1 level=info msg=ok and so on and so on and so on\n'.repeat(80)}THE END`,
  'lines of JSON': `${'{"level":"info","msg":"ok","more":"and so on and so on"}\n'.repeat(80)}THE END`,
  'a table': `${'NAME   READY   STATUS\n'.repeat(300)}THE END`,
  'very many lines': `${'something else that goes on for some time in words\n'.repeat(200)}THE END`,
};

it.each(Object.entries(LOGS))('of a log, here %s, the end is kept and what is missing before it is told', (_, text) => {
  const cuts = new TextCuts();
  const shown = cuts.cut(text, 1_000);
  expect(shown.endsWith(text.slice(-1_000))).toBe(true);
  expect(shown).toContain(`(${text.length - 1_000} characters before this)`);
  expect(cuts.missing).toBe(text.length - 1_000);
});

it.each(['log', 'pod_logs', 'stderr', 'stack_trace', 'traceback', 'last.output'])(
  'the value named %s is a log however it is written',
  (name) => {
    expect(new TextCuts().cut(`${'a '.repeat(1_000)}THE END`, 100, name)).toMatch(/THE END$/);
  },
);

it.each([
  ['one sentence', 'Disk is full. '.repeat(200)],
  ['a few paragraphs', Array.from({ length: 40 }, (_, at) => `Paragraph ${at} says this and that.`).join('\n')],
])('of %s the beginning is kept', (_, text) => {
  expect(cutText(text, 500).startsWith(text.slice(0, 500))).toBe(true);
  expect(cutText(text, 500)).toContain(`(${text.length - 500} more characters)`);
});

const config = configSchema({ environment: {}, folder: '.' }).parse({
  webhooks: { twin_hosts: ['127.0.0.1:1'] },
  receivers: {
    ops: { webhook: 'http://127.0.0.1:1/a' },
    short: { webhook: 'http://127.0.0.1:1/b', too_large: 'shorten' },
  },
});
const messageOf = (receiver: string, notifications: readonly Notification[]): Message => ({
  ...{ id: 'm', tenant: 't', receiver, groupKey: 'g', groupLabels: {}, status: 'firing' },
  notifications,
});

it.each(['ops', 'short'])(
  'alerts and texts that hold a log keep its end, and the outcome counts the rest (%s)',
  async (receiver) => {
    const renderer = new Renderer(() => ({ config, routingText: '', files: [] }));
    const cases: Readonly<Record<string, Partial<Notification>>> = {
      description: { annotations: { summary: 'Job failed', description: log(3_000) } },
      message: { annotations: { message: log(3_000) } },
      fact: { annotations: { summary: 'Job failed', tail: log(3_000) } },
      label: { labels: { alertname: 'JobFailed', output: log(3_000) } },
      'many facts': {
        annotations: Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`log${at}_output`, `${log(100)}`])),
      },
      text: { status: 'event', content: { kind: 'text', text: log(20_000), title: 'Nightly job' } },
    };
    for (const [name, changes] of Object.entries(cases)) {
      const { bodies, charactersNotSent } = await renderer.render(messageOf(receiver, [alert(changes)]));
      const shown = bodies.map((body) => cardToText(body.attachments[0].content)).join('\n');
      expect({ name, end: JSON.stringify(bodies).includes('THE END that says what happened') }).toEqual({
        name,
        end: true,
      });
      expect({ name, lacks: charactersNotSent > 1_000 }).toEqual({ name, lacks: true });
      expect(shown).toMatch(/characters before this|shortened/);
      expect(shown).toMatch(/Job failed|Nightly job|Firing/);
      for (const body of bodies) expect(JSON.stringify(body).length).toBeLessThanOrEqual(WORKFLOW.maxBytes);
    }
  },
);
