import { CATALOGUE, type NodeRule, nameIn, namesFor, nodeFor, REQUIRED } from '../catalogue/catalogue.ts';
import { type CardVersion, isAtMost, linkUrl, type NodeType, type Rule } from '../catalogue/rules.ts';
import { looseUrlRule, type UrlRule, urlFault } from '../catalogue/urls.ts';
import { type CardFault, childPath, type FaultCode, quoted } from '../fault.ts';
import type { HostProfile } from '../host-profile.ts';
import { markdownLinks } from '../markdown/links.ts';
import { ALLOWED_URLS, isMeantAsLink, type UrlPolicy } from '../url-policy.ts';
import { article, describe, jsonKind, kindOf } from './describe.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** Seen by the cross checks: one known object of the card, in document order. */
export interface SeenNode {
  readonly name: string;
  readonly node: JsonObject;
  readonly path: string;
  /** Inside a `fallback`: shown instead of its owner, so it may repeat the owner's ids. */
  readonly inFallback: boolean;
}

/** A Markdown text of the card. */
export interface SeenText {
  readonly text: string;
  readonly path: string;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Teams reads values in any case. */
export function isOneOf(values: readonly string[], value: string): boolean {
  if (values.includes(value)) return true;
  const lower = value.toLowerCase();
  return values.some((allowed) => allowed.toLowerCase() === lower);
}

/** Checks a card against the catalogue, one dispatch per object, and collects what the cross checks need. */
export class CatalogueWalk {
  readonly faults: CardFault[] = [];
  readonly nodes: SeenNode[] = [];
  readonly texts: SeenText[] = [];
  readonly #profile: HostProfile;
  readonly #version: CardVersion;
  readonly #urls: UrlPolicy;

  /** @param version - the version the card declares, at most the host's */
  constructor(profile: HostProfile, version: CardVersion, urls: UrlPolicy) {
    this.#profile = profile;
    this.#version = version;
    this.#urls = urls;
  }

  card(card: JsonObject): void {
    this.#properties('AdaptiveCard', card, '$', false);
  }

  #report(code: FaultCode, path: string, message: string, allowed: string, severity: CardFault['severity'] = 'error') {
    this.faults.push({ code, severity, path, message, allowed });
  }

  #properties(name: string, node: JsonObject, path: string, inFallback: boolean): void {
    const type = CATALOGUE.get(name)!;
    this.nodes.push({ name, node, path, inFallback });
    for (const [key, value] of Object.entries(node)) {
      if (key === 'type' && type.typed !== false) continue;
      const property = Object.hasOwn(type.properties, key) ? type.properties[key] : undefined;
      const at = childPath(path, key);
      if (!property) this.#unknownProperty(name, key, at);
      else if (value !== null || property.required) this.#value(property, value, at, inFallback || key === 'fallback');
      const { since } = property ?? {};
      if (since && this.#isNewer(since)) this.#newerProperty(key, since, at);
    }
    for (const [key, property] of REQUIRED.get(name)!) {
      if (node[key] === undefined) {
        this.#report('missing_property', childPath(path, key), `${name} needs "${key}".`, describe(property));
      }
    }
  }

  #unknownProperty(name: string, key: string, path: string): void {
    const message = `${name} has no ${quoted(key)}; Teams ignores it.`;
    this.#report('unknown_property', path, message, Object.keys(CATALOGUE.get(name)!.properties).join(', '), 'warning');
  }

  #newerProperty(key: string, since: CardVersion, path: string): void {
    const why = this.#isShown(since)
      ? 'is newer than the version this card names; older clients ignore it.'
      : `came with version ${since}, which the host "${this.#profile.name}" does not show; it is ignored.`;
    this.#report('needs_newer_version', path, `${quoted(key)} ${why}`, this.#versionFor(since), 'warning');
  }

  #value(rule: Rule, value: unknown, path: string, inFallback: boolean): void {
    const kind = kindOf(rule);
    if (kind !== undefined && jsonKind(value) !== kind) this.#wrongType(rule, value, path);
    else if (rule.is === 'either') this.#either(rule, value, path, inFallback);
    else if (rule.is === 'node') this.#node(rule, value as JsonObject, path, inFallback);
    else if (rule.is === 'list') {
      for (const [index, item] of (value as readonly unknown[]).entries()) {
        this.#value(rule.of, item, childPath(path, index), inFallback);
      }
    } else if (typeof value === 'string') this.#string(rule, value, path);
  }

  #string(rule: Rule, value: string, path: string): void {
    if (rule.is === 'enum' && !isOneOf(rule.values, value)) {
      this.#report('unknown_value', path, `${quoted(value)} is not known here.`, describe(rule));
    } else if (rule.is === 'pattern' && !rule.pattern.test(value)) {
      this.#report('unknown_value', path, 'The value has the wrong form.', describe(rule));
    } else if (rule.is === 'url') {
      this.#url(rule, value, path);
    } else if (rule.is === 'markdown') {
      this.texts.push({ text: value, path });
      for (const link of markdownLinks(value)) {
        if (isMeantAsLink(link)) this.#url(linkUrl, link, path);
      }
    }
  }

  /** Takes the alternative of the value's own kind; among several strings, any that fits. */
  #either(rule: Extract<Rule, { is: 'either' }>, value: unknown, path: string, inFallback: boolean): void {
    const candidates = rule.of.filter((option) => kindOf(option) === jsonKind(value));
    const [only] = candidates;
    if (!only) this.#wrongType(rule, value, path);
    else if (candidates.length === 1) this.#value(only, value, path, inFallback);
    else if (!candidates.some((option) => this.#fits(option, value))) {
      this.#report('unknown_value', path, 'The value is not known here.', describe(rule));
    }
  }

  #fits(rule: Rule, value: unknown): boolean {
    const attempt = new CatalogueWalk(this.#profile, this.#version, this.#urls);
    attempt.#value(rule, value, '$', false);
    return attempt.faults.length === 0;
  }

  #wrongType(rule: Rule, value: unknown, path: string): void {
    this.#report('wrong_type', path, `This is ${article(jsonKind(value))}.`, describe(rule));
  }

  #url(rule: UrlRule, url: string, path: string): void {
    const problem = urlFault(rule, url, this.#urls);
    if (problem) this.#report('url_not_allowed', path, `The URL is refused: ${problem}.`, ALLOWED_URLS[rule.use]);
  }

  #node(rule: NodeRule, node: JsonObject, path: string, inFallback: boolean): void {
    const name = nameIn(rule, node);
    const known = typeof name === 'string' ? nodeFor(rule, name) : undefined;
    const problem = known ? this.#unsupported(name as string, known) : undefined;
    if (known && problem?.severity !== 'error') this.#properties(name as string, node, path, inFallback);
    else if (node['fallback'] !== undefined) this.#replaced(rule, node, path);
    else if (!problem) this.#unknownNode(rule, name, path);
    if (problem && (problem.severity === 'warning' || node['fallback'] === undefined)) {
      this.faults.push({ ...problem, path: childPath(path, 'type') });
    }
  }

  /** Why a known object does not work on this host (an error), or not in every client, given the version (a warning). */
  #unsupported(name: string, type: NodeType): Omit<CardFault, 'path'> | undefined {
    if (type.hosts && !type.hosts.includes(this.#profile.name)) {
      const others = [...CATALOGUE].filter(([, other]) => other.group === type.group && !other.hosts);
      const message = `${name} does nothing on the host "${this.#profile.name}".`;
      const allowed = others.map(([other]) => other).join(', ');
      return { code: 'action_not_supported', severity: 'error', message, allowed };
    }
    if (type.since === 'teams' || !this.#isNewer(type.since)) return undefined;
    const shown = this.#isShown(type.since);
    const has = shown
      ? `this card names ${this.#version}`
      : `the host "${this.#profile.name}" shows no newer than ${this.#profile.version}`;
    return {
      code: 'needs_newer_version',
      severity: shown ? 'warning' : 'error',
      message: `${name} came with version ${type.since}; ${has}.`,
      allowed: this.#versionFor(type.since),
    };
  }

  #isNewer(since: CardVersion): boolean {
    return !isAtMost(since, this.#version);
  }

  /** Teams goes by what its client knows, not by the version a card names. */
  #isShown(since: CardVersion): boolean {
    return isAtMost(since, this.#profile.version);
  }

  #versionFor(since: CardVersion): string {
    return this.#isShown(since) ? `"version": "${since}"` : 'something older, or a "fallback" for it';
  }

  /** An object this host does not show, with a fallback: what will be shown is checked, and every URL all the same. */
  #replaced(rule: NodeRule, node: JsonObject, path: string): void {
    const fallback: Rule = { is: 'either', of: [rule, { is: 'enum', values: ['drop'] }] };
    this.#value(fallback, node['fallback'], childPath(path, 'fallback'), true);
    this.#looseUrls(node, path);
  }

  #looseUrls(value: unknown, path: string): void {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      const childAt = childPath(path, Array.isArray(value) ? Number(key) : key);
      const rule = looseUrlRule(value, key);
      if (typeof child === 'string' && rule) this.#url(rule, child, childAt);
      else if (key !== 'fallback') this.#looseUrls(child, childAt);
    }
  }

  #unknownNode(rule: NodeRule, name: unknown, path: string): void {
    const allowed = namesFor(rule).join(', ');
    if (typeof name !== 'string') {
      this.#report('missing_property', childPath(path, 'type'), 'The object has no "type".', allowed);
      return;
    }
    const code = rule.of === 'action' ? 'unknown_action' : 'unknown_element';
    this.#report(
      code,
      childPath(path, 'type'),
      `${quoted(name)} is not known here, and it has no "fallback".`,
      allowed,
    );
  }
}
