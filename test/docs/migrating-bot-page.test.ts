import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Bot } from '../../src/bot/index.ts';
import { botTwin } from '../support/bot-twin.ts';

const page = readFileSync(new URL('../../docs/migrating-from-botbuilder.md', import.meta.url), 'utf8');
/** Our snippets, by the heading that they stand under. */
const snippets = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .flatMap((section): [string, string][] => {
      const code = /```js\n\/\/ sluice\n([\s\S]*?)```/.exec(section)?.[1];
      return code === undefined ? [] : [[section.split('\n')[0]!, code]];
    }),
);

describe('the page for those who come from botbuilder', () => {
  let world: ReturnType<typeof botTwin>;
  beforeAll(() => {
    world = botTwin();
  });

  /** Runs a snippet with the bot that its people talk to, and gives what they see of a deed. */
  async function tried(heading: string, deed: Parameters<typeof world.act>[0]) {
    const bot = world.newBot();
    const code = snippets.get(heading);
    expect(code, heading).toBeDefined();
    (new Function('bot', code!) as (given: Bot) => void)(bot);
    for (const { posts } of world.service.conversations) posts.splice(0);
    const deliveries = await world.patiently(world.act(deed));
    return { answer: deliveries[0]!, seen: await world.seen(deed.conversation ?? 'personal') };
  }

  const trials: Readonly<Record<string, () => Promise<void>>> = {
    'A message': async () => {
      const { seen } = await tried('A message', { do: 'say', text: 'the plan', conversation: 'channel' });
      expect(seen).toContain('You said: the plan');
    },
    'A card, and its button': async () => {
      const { answer } = await tried('A card, and its button', { do: 'execute', verb: 'approve' });
      expect(answer).toMatchObject({ status: 200, body: { statusCode: 200, value: { body: [{ text: 'Approved' }] } } });
    },
    'A dialog': async () => {
      const { answer } = await tried('A dialog', { do: 'invoke', name: 'task/fetch' });
      expect(answer).toMatchObject({ status: 200, body: { task: { value: 'Nothing to fill in today.' } } });
    },
    'Who came': async () => {
      const { seen } = await tried('Who came', { do: 'install' });
      expect(seen).toContain('Hello.');
    },
    Middleware: async () => {
      expect((await tried('Middleware', { do: 'say', text: 'x' })).answer).toMatchObject({ status: 200 });
    },
    'A long answer': async () => {
      const { seen } = await tried('A long answer', { do: 'say', text: 'x' });
      expect(seen).toContain('The plan is good.');
    },
  };

  it.each([...snippets.keys()])('has a snippet that works: %s', async (heading) => {
    expect(trials).toHaveProperty([heading]);
    await trials[heading]!();
  });

  it('names what there is', () => {
    expect([...snippets.keys()].sort()).toEqual(Object.keys(trials).sort());
  });
});
