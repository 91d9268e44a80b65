import { CATALOGUE } from './catalogue/catalogue.ts';
import { MENTION, namesNobody } from './checks/cross.ts';
import { isObject } from './checks/walk.ts';
import type { HostProfile } from './host-profile.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const PERSON_ID = CATALOGUE.get('MentionedPerson')!.properties['id']!;

/** What the texts of a card may mention: whom an entity of it names, and names alone. */
export class UsableMentions {
  readonly #people: ReadonlyMap<unknown, unknown>;
  readonly #used = new Set<string>();

  constructor({ msteams }: JsonObject, profile: HostProfile) {
    const people = new Map<unknown, unknown>();
    for (const entity of isObject(msteams) && Array.isArray(msteams['entities']) ? msteams['entities'] : []) {
      const id = personOf(entity, profile);
      const isAmbiguous = people.has(entity?.text) && people.get(entity.text) !== id;
      people.set(entity?.text, isAmbiguous ? undefined : id);
    }
    this.#people = people;
  }

  /** A Markdown text in which a mention that names nobody is text. */
  inText(text: string): string {
    return text.replace(MENTION, (mention) => {
      if (this.#people.get(mention) === undefined) return mention.replaceAll('<', '<\u200b');
      this.#used.add(mention);
      return mention;
    });
  }

  /** The entities that a text of the card mentions: a mention that stands nowhere is refused. */
  mentioned(entities: readonly unknown[]): readonly unknown[] {
    return entities.filter((entity) => isObject(entity) && this.#used.has(String(entity['text'])));
  }
}

/** Whom an entity names, or undefined when no host would know. */
function personOf(entity: unknown, profile: HostProfile): string | undefined {
  const { mentioned } = isObject(entity) ? entity : {};
  if (!isObject(mentioned) || typeof mentioned['name'] !== 'string') return undefined;
  const { id } = mentioned;
  const isKnown = typeof id === 'string' && PERSON_ID.is === 'pattern' && PERSON_ID.pattern.test(id);
  return isKnown && !namesNobody(id, profile) ? id : undefined;
}
