import { isBlank } from '../html/unsafe-characters.ts';
import { type NodeRule, nameIn, nodeFor } from './catalogue/catalogue.ts';
import { node, type Property, type Rule } from './catalogue/rules.ts';
import { looseUrlRule, type UrlRule, urlFault, urlRulesIn } from './catalogue/urls.ts';
import { jsonKind, kindOf } from './checks/describe.ts';
import { isObject } from './checks/walk.ts';
import { childPath } from './fault.ts';
import type { HostProfile } from './host-profile.ts';
import { markdownLinks } from './markdown/links.ts';
import { encodedUrl, isMeantAsLink, type UrlPolicy, urlProblem } from './url-policy.ts';
import { UsableMentions } from './usable-mentions.ts';
import { withoutLostTargets } from './usable-targets.ts';
import { asText, inRows, misfit, placeIn } from './usable-values.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** What a card came with and what may not be used. */
export interface Refused {
  /** Where it stood: `$.body[2].backgroundImage`. */
  readonly path: string;
  /** Why. Never the link or value itself. */
  readonly reason: string;
}

/** A card in which every link may be used, and what could not stand in it. */
export interface UsableCard {
  readonly card: unknown;
  /** Links, pictures and mentions. */
  readonly refused: readonly Refused[];
  /** Values that their properties do not know: a colour, a size, an id that another has. */
  readonly dropped: readonly Refused[];
}

/**
 * A filled template without the links, pictures, mentions and values that may not be used. Data decide what they are
 * worth, never whether the template is used: a property that may be absent is left out, an object that is nothing without it
 * is told as text (a button, a picture, a film), and what is Markdown stands as its own source.
 */
export function usableCard(card: unknown, profile: HostProfile, policy: UrlPolicy): UsableCard {
  if (!isObject(card)) return { card, refused: [], dropped: [] };
  const walk = new UsableWalk(profile, policy, new UsableMentions(card, profile));
  const usable = withoutLostTargets(walk.card(card), (path) =>
    walk.dropped.push({ path, reason: 'no element has the id it names' }),
  );
  return { card: usable, refused: walk.refused, dropped: walk.dropped };
}

/** What objects are told as when nothing is left of them: the property that names them, else a word, and what they are not. */
const TOLD: ReadonlyMap<string, readonly [name: string, otherwise: string, lost: string]> = new Map([
  ['Image', ['altText', 'Image', 'not shown']],
  ['Media', ['altText', 'Media', 'not shown']],
  ['Action.OpenUrl', ['title', 'Link', 'not used as a link']],
]);

/** Goes through a card by the catalogue, as the validator does. A value that is gone is `undefined`. */
class UsableWalk {
  readonly refused: Refused[] = [];
  readonly dropped: Refused[] = [];
  readonly #profile: HostProfile;
  readonly #policy: UrlPolicy;
  readonly #ids = new Set<unknown>();
  readonly #mentions: UsableMentions;
  /** Lines for the reader about what is gone and has no place for them. */
  readonly #told: string[] = [];

  constructor(profile: HostProfile, policy: UrlPolicy, mentions: UsableMentions) {
    this.#profile = profile;
    this.#policy = policy;
    this.#mentions = mentions;
  }

  card(card: JsonObject): unknown {
    const usable = this.#withMentions(this.#node(node('AdaptiveCard'), card, '$') as JsonObject);
    if (this.#told.length === 0) return usable;
    const body = Array.isArray(usable['body']) ? usable['body'] : [];
    return { ...usable, body: [...body, ...this.#told.map(line)] };
  }

  /** With the entities that a text names: any other is a fault, and mentions nobody. */
  #withMentions(card: JsonObject): JsonObject {
    const { msteams } = card;
    if (!isObject(msteams) || !Array.isArray(msteams['entities'])) return card;
    const { entities } = msteams;
    const mentioned = new Set(this.#mentions.mentioned(entities as readonly unknown[]));
    for (const [index, entity] of entities.entries()) {
      if (!mentioned.has(entity)) this.#refuse(`$.msteams.entities[${index}]`, 'no text mentions it');
    }
    return { ...card, msteams: { ...msteams, entities: [...mentioned] } };
  }

  #value(rule: Rule, value: unknown, path: string): unknown {
    const [url] = urlRulesIn(rule);
    if (url && !isObject(value)) return this.#url(url, value, path);
    if (rule.is === 'either') {
      const option = rule.of.find((one) => kindOf(one) === jsonKind(value));
      return option ? this.#value(option, value, path) : value;
    }
    if (rule.is === 'list') return Array.isArray(value) ? this.#list(rule.of, value, path) : value;
    if (rule.is === 'node') return isObject(value) ? this.#node(rule, value, path) : value;
    return rule.is === 'markdown' && typeof value === 'string' ? this.#markdown(value, path) : value;
  }

  #refuse(path: string, reason: string): undefined {
    this.refused.push({ path, reason });
  }

  #url(rule: UrlRule, value: unknown, path: string): string | undefined {
    if (typeof value !== 'string') return this.#refuse(path, 'it is no text');
    if (isBlank(value)) return this.#refuse(path, NO_URL);
    const reason = urlFault(rule, value, this.#policy);
    if (reason !== undefined) return this.#refuse(path, reason);
    return /^(?:data|icon):/i.test(value) ? value : encodedUrl(value);
  }

  #markdown(text: string, path: string): string {
    const links = markdownLinks(text).filter(isMeantAsLink);
    const reason = links.map((link) => urlProblem(link, 'open', this.#policy)).find(Boolean);
    if (reason !== undefined) this.#refuse(path, reason);
    const usable = reason === undefined ? text : withoutLinks(text);
    const mentioned = this.#mentions.inText(usable);
    if (mentioned !== usable) this.#refuse(path, 'it mentions nobody that the card names');
    return mentioned;
  }

  /** A list that has lost everything is gone itself. */
  #list(rule: Rule, items: readonly unknown[], path: string): unknown {
    const usable = items.map((item, index) => this.#value(rule, item, childPath(path, index)));
    const left = usable.filter((item) => item !== undefined);
    return left.length === 0 && items.length > 0 ? undefined : left;
  }

  #node(rule: NodeRule, object: JsonObject, path: string): unknown {
    const name = nameIn(rule, object);
    const type = typeof name === 'string' ? nodeFor(rule, name) : undefined;
    if (!type) return this.#unknown(rule, object, path);
    const told = this.#told.length;
    const usable: [string, unknown][] = [];
    let lost: string | undefined;
    for (const [key, value] of Object.entries(object)) {
      const property = Object.hasOwn(type.properties, key) ? type.properties[key] : undefined;
      const kept =
        property && (value !== null || property.required) ? this.#property(key, property, value, path) : value;
      if (kept !== undefined) usable.push([key, kept]);
      else if (property?.required) lost ??= this.refused.at(-1)?.reason;
    }
    if (lost === undefined) return inRows(name as string, Object.fromEntries(usable), this.#profile);
    const words = TOLD.get(name as string);
    if (words && lost !== NO_URL) this.#told.push(`${object[words[0]] || words[1]}: ${words[2]}, ${lost}`);
    return nodeFor(rule, 'TextBlock') ? inPlaceOf(object, this.#told.splice(told)) : undefined;
  }

  #property(key: string, property: Property, given: unknown, owner: string): unknown {
    const path = childPath(owner, key);
    const value = asText(property, given);
    const reason = property.required ? undefined : (misfit(property, value) ?? this.#takenId(key, value, path));
    if (reason !== undefined) {
      this.dropped.push({ path, reason });
      return undefined;
    }
    return this.#value(property, value, path);
  }

  /** Rows made of the same data have the same id: the first keeps it. What stands in place of another may repeat its id. */
  #takenId(key: string, id: unknown, path: string): string | undefined {
    if (key !== 'id' || id === '' || /\.fallback\b/.test(path)) return undefined;
    if (this.#ids.has(id)) return 'another has this id';
    this.#ids.add(id);
    return undefined;
  }

  /** An object that the host may not show: what stands instead is read by its rules, and every URL all the same. */
  #unknown(rule: NodeRule, object: JsonObject, path: string): unknown {
    const { fallback, ...rest } = object;
    const loose = this.#loose(rest, path) as JsonObject;
    if (!isObject(fallback)) return { ...loose, ...(fallback !== undefined && { fallback }) };
    return { ...loose, fallback: this.#value(rule, fallback, childPath(path, 'fallback')) ?? 'drop' };
  }

  #loose(value: unknown, path: string): unknown {
    if (Array.isArray(value)) return value.map((item, index) => this.#loose(item, childPath(path, index)));
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(([key, child]) => {
      const rule = typeof child === 'string' ? looseUrlRule(value, key) : undefined;
      const at = childPath(path, key);
      return [key, rule ? this.#url(rule, child, at) : this.#loose(child, at)] as const;
    });
    return Object.fromEntries(entries.filter(([, child]) => child !== undefined));
  }
}

/** Nobody misses a link that was not there: it is counted, and the reader is told nothing. */
const NO_URL = 'there is none';

const textOf = (text: string) => ({ type: 'TextBlock', wrap: true, isSubtle: true, text });

const line = (text: string) => textOf(withoutLinks(text));

/** A text where an element stood; nothing, or something of which nothing is seen where others may refer to it. */
function inPlaceOf(element: JsonObject, lines: readonly string[]): unknown {
  const kept = placeIn(element);
  if (lines.length > 0) return { ...kept, ...textOf(lines.map(withoutLinks).join('\n\n')) };
  return element['id'] === undefined ? undefined : { ...kept, type: 'Container', items: [] };
}

/** Markdown in which nothing is a link: a blank without width says so to every parser, a backslash only to some. */
const withoutLinks = (text: string) => text.replace(/\](?=[(:[])/g, ']\u200b').replace(/<(?=[a-z])/gi, '<\u200b');
