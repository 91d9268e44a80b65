import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { activityTypes, botClouds, eventNames, invokes, refusals } from '../../src/bot/index.ts';

const page = readFileSync(new URL('../../docs/bot.md', import.meta.url), 'utf8');

describe('the page of bots', () => {
  it.each(Object.entries(refusals))('says why %s is refused, and with what', (reason, { status, meaning }) => {
    expect(page).toContain(`| \`${reason}\` | ${status} | ${meaning} |`);
  });

  it.each(Object.entries(activityTypes))(
    'says what %s is, and the names that it is told apart by',
    (type, { meaning }) => {
      const names: readonly string[] = eventNames[type as keyof typeof eventNames] ?? [];
      const told = type === 'invoke' ? 'see below' : names.map((name) => `\`${name}\``).join(', ');
      expect(page).toContain(`| \`${type}\`: ${meaning} | ${told} |`);
    },
  );

  it.each(Object.entries(invokes))('says what %s asks, and how its failure is told', (name, { meaning, failed }) => {
    const { status, body } = failed({ text: 'TEXT', value: { id: 'ID', connectionName: 'NAME' } });
    const told = body === undefined ? status : `${status} \`${JSON.stringify(body)}\``;
    expect(page).toContain(`| \`${name}\` | ${meaning} | ${told} |`);
  });

  it('has a manifest that asks for no more than a bot needs', () => {
    const manifest = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)![1]!) as Record<string, unknown>;
    expect(manifest).toMatchObject({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      bots: [{ botId: manifest['id'], scopes: ['personal', 'groupChat', 'team'] }],
    });
    expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(['authorization']));
    expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(['webApplicationInfo']));
  });

  it('names every cloud', () => {
    for (const cloud of Object.keys(botClouds)) expect(page).toContain(`\`${cloud}\``);
  });
});
