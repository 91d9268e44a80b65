import { describe, expect, it } from 'vitest';
import { PlainText } from '../../html/plain-text.ts';
import { BOT } from '../host-profile.ts';
import { openUrl, showCard, submit } from './actions.ts';
import { card } from './card.ts';
import { factSet, textBlock } from './elements.ts';
import { textInput } from './inputs.ts';
import { mention, text } from './mention-text.ts';

const ann = { id: 'ann@contoso.com', name: 'Ann <A>' };

describe('card', () => {
  it('writes what was set and nothing else', () => {
    expect(
      card()
        .add(textBlock('Done', { wrap: false }))
        .build(),
    ).toEqual({
      type: 'AdaptiveCard',
      version: '1.4',
      body: [{ type: 'TextBlock', text: 'Done', wrap: false }],
    });
  });

  it('keeps mention texts and entities in step, each entity once, also from cards inside', () => {
    const ben = { id: 'ben@contoso.com', name: 'Ben' };
    const inner = card()
      .add(textBlock(text`and ${mention(ben)}`))
      .part();
    const built = card()
      .add(textBlock(text`Hi ${mention(ann)}`), factSet([['Owner', text`${mention(ann)}`]]))
      .actions(showCard('More', inner))
      .build();
    expect(built['msteams']).toEqual({
      entities: [
        { type: 'mention', text: '<at>Ben</at>', mentioned: { id: 'ben@contoso.com', name: 'Ben' } },
        { type: 'mention', text: '<at>Ann &lt;A&gt;</at>', mentioned: ann },
      ],
    });
    expect(JSON.stringify(built)).toContain('Hi <at>Ann &lt;A&gt;</at>');
  });

  it('keeps values in a text from being Markdown, and plain text from being read as such', () => {
    const built = card()
      .add(textBlock(text`**Build** ${'a*b <at>x</at>'}`), textBlock(new PlainText('[x](y)')))
      .build();
    expect(built['body']).toEqual([
      { type: 'TextBlock', text: '**Build** a\\*b <\u200bat>x<\u200b/at>', wrap: true },
      { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: '[x](y)' }] },
    ]);
  });

  it('refuses two people under one name', () => {
    const builder = card().add(textBlock(text`${mention(ann)} ${mention({ ...ann, id: 'other@contoso.com' })}`));
    expect(() => builder.build()).toThrow(expect.objectContaining({ code: 'card_invalid' }));
  });

  it('refuses what the host does not take, and takes it on the host that does', () => {
    const builder = card()
      .add(textInput('name', 'Your name'))
      .actions(submit('Send', { step: 1 }));
    expect(() => builder.build()).toThrow(/\$\.actions\[0\]\.type: Action\.Submit does nothing on the host "workflow"/);
    expect(builder.build(BOT)['version']).toBe('1.5');
  });

  it('refuses a link with a password in it, and takes one into the own network', () => {
    const linked = (url: string) => card().add(textBlock('x')).actions(openUrl('Open', url));
    expect(() => linked('https://ann:secret@10.0.0.5/').build()).toThrow(/user name/);
    expect(linked('http://10.0.0.5:9093/').build()['actions']).toMatchObject([{ url: 'http://10.0.0.5:9093/' }]);
  });
});
