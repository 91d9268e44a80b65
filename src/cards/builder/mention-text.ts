import { PlainText } from '../../html/plain-text.ts';

/** Someone to mention: an Entra object id, a user principal name, or the `29:` id a bot knows. */
export interface Person {
  readonly id: string;
  readonly name: string;
}

/** A mention as Teams wants it in `msteams.entities`. Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format */
export interface MentionEntity {
  readonly type: 'mention';
  readonly text: string;
  readonly mentioned: Person;
}

class Mention {
  readonly entity: MentionEntity;

  constructor(person: Person) {
    const name = new PlainText(person.name).toString().replaceAll('\n', ' ');
    // The same escaped name in text and entity: Teams compares the two letter by letter.
    const shown = name.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    this.entity = { type: 'mention', text: `<at>${shown}</at>`, mentioned: { id: person.id, name } };
  }
}

/** A mention to put into a text: `` text`Over to ${mention(ann)}` ``. */
export function mention(person: Person): Mention {
  return new Mention(person);
}

/** Markdown together with the mentions in it. Made by {@link text}; the card collects the entities when it is built. */
export class MentionText {
  readonly markdown: string;
  readonly mentions: readonly MentionEntity[];

  constructor(markdown: string, mentions: readonly MentionEntity[]) {
    this.markdown = markdown;
    this.mentions = mentions;
  }
}

/**
 * Markdown written by the programmer around values that are not: every value is escaped as plain text, but for
 * mentions, which stay mentions.
 *
 * @example text`**Build ${number}** broke, ${mention(author)}`
 */
export function text(parts: TemplateStringsArray, ...values: readonly unknown[]): MentionText {
  const mentions = values.filter((value) => value instanceof Mention).map((value) => value.entity);
  const written = values.map((value) =>
    value instanceof Mention ? value.entity.text : new PlainText(String(value)).toMarkdown(),
  );
  return new MentionText(
    parts.reduce((all, part, index) => all + (written[index - 1] ?? '') + part),
    mentions,
  );
}
