import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/cards/catalogue/catalogue.ts';
import {
  CARD_VERSIONS,
  type CardVersion,
  isAtMost,
  type NodeType,
  type Property,
} from '../../src/cards/catalogue/rules.ts';
import { BOT, HOST_PROFILES, type HostProfile } from '../../src/cards/host-profile.ts';
import { validateCard } from '../../src/cards/validate.ts';
import { cardWith, sampleNode, sampleValue } from '../support/card-samples.ts';

/** Faults that come from the sample standing alone, not from the one field that was changed. */
const ELSEWHERE = new Set([
  'missing_target',
  'entity_without_mention',
  'mention_without_entity',
  'missing_label',
  'needs_newer_version',
  'nothing_to_show',
]);

function faultsOf(name: string, node: unknown): string[] {
  const { card } = cardWith(name, node);
  return validateCard(card, BOT)
    .filter(({ code }) => !ELSEWHERE.has(code))
    .map(({ code, path }) => `${code} ${path}`);
}

interface Row {
  name: string;
  key: string;
  property: Property;
}
const rows: Row[] = [...CATALOGUE].flatMap(([name, type]) =>
  Object.entries(type.properties).map(([key, property]) => ({ name, key, property })),
);
const title = ({ name, key }: Row) => `${name}.${key}`;
const pathOf = ({ name, key }: Row) => {
  const { path } = cardWith(name, sampleNode(name));
  return `${path}${/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `["${key}"]`}`;
};
const is = (property: Property, kind: string) =>
  property.is === kind || (property.is === 'either' && property.of.some((option) => option.is === kind));
/** The card's own version and body are the frame of every sample. */
const inner = rows.filter(({ name, key }) => !(name === 'AdaptiveCard' && (key === 'version' || key === 'fallback')));

describe('the catalogue', () => {
  it.each([...CATALOGUE.keys()])('takes %s with what it must have', (name) => {
    expect(faultsOf(name, sampleNode(name))).toEqual([]);
  });

  it.each(inner.map((row) => [title(row), row] as const))('takes %s', (_, row) => {
    expect(faultsOf(row.name, { ...sampleNode(row.name), [row.key]: sampleValue(row.property) })).toEqual([]);
  });

  it.each(inner.filter(({ property }) => !is(property, 'any')).map((row) => [title(row), row] as const))(
    'reports a wrong type at %s once',
    (_, row) => {
      const wrong = is(row.property, 'boolean') ? 7 : false;
      expect(faultsOf(row.name, { ...sampleNode(row.name), [row.key]: wrong })).toEqual([`wrong_type ${pathOf(row)}`]);
    },
  );

  it.each(inner.filter(({ property }) => property.required).map((row) => [title(row), row] as const))(
    'reports that %s is missing',
    (_, row) => {
      const { [row.key]: _gone, ...rest } = sampleNode(row.name);
      expect(faultsOf(row.name, rest)).toEqual([`missing_property ${pathOf(row)}`]);
    },
  );

  it.each(inner.filter(({ property }) => is(property, 'enum')).map((row) => [title(row), row] as const))(
    'reports an unknown value at %s once',
    (_, row) => {
      const faults = faultsOf(row.name, { ...sampleNode(row.name), [row.key]: 'no-such-value' });
      const code = is(row.property, 'url') ? 'url_not_allowed' : 'unknown_value';
      expect(faults).toEqual([`${code} ${pathOf(row)}`]);
    },
  );

  it.each(inner.filter(({ property }) => is(property, 'url')).map((row) => [title(row), row] as const))(
    'refuses a script at %s',
    (_, row) => {
      const script = { ...sampleNode(row.name), [row.key]: 'javascript:alert(1)' };
      expect(faultsOf(row.name, script)).toEqual([`url_not_allowed ${pathOf(row)}`]);
    },
  );

  it.each(inner.filter(({ property }) => is(property, 'markdown')).map((row) => [title(row), row] as const))(
    'refuses a link with a password in the Markdown of %s, and takes one into the own network',
    (_, row) => {
      const linked = { ...sampleNode(row.name), [row.key]: 'see [here](https://ann:secret@10.0.0.5/x)' };
      expect(faultsOf(row.name, linked)).toEqual([`url_not_allowed ${pathOf(row)}`]);
      const internal = { ...sampleNode(row.name), [row.key]: 'see [here](http://10.0.0.5:9093/x), value[0](x)' };
      expect(faultsOf(row.name, internal)).toEqual([]);
    },
  );

  it.each([...CATALOGUE.keys()])('warns of a property %s does not have', (name) => {
    const { path } = cardWith(name, sampleNode(name));
    const unknown = { ...sampleNode(name), noSuchProperty: 1 };
    expect(faultsOf(name, unknown)).toEqual([`unknown_property ${path}.noSuchProperty`]);
  });

  /** Each element, action and input, under each version, on each host. */
  const hosts = Object.values(HOST_PROFILES).flatMap((profile) =>
    CARD_VERSIONS.map((version) => ({ profile, version })),
  );
  const offered = [...CATALOGUE].filter(([, { group }]) => group === 'element' || group === 'action');
  const versionRows = hosts.flatMap(({ profile, version }) =>
    offered.map(([name, type]) => ({ profile, version, name, type })),
  );

  function expected({ hosts: only, since }: NodeType, version: CardVersion, profile: HostProfile): string[] {
    if (only && !only.includes(profile.name)) return ['error action_not_supported'];
    if (since === 'teams' || (isAtMost(since, version) && isAtMost(since, profile.version))) return [];
    return [`${isAtMost(since, profile.version) ? 'warning' : 'error'} needs_newer_version`];
  }

  it.each(versionRows.map((row) => [row.name, row.version, row.profile.name, row] as const))(
    'shows %s in a %s card wherever the host knows it (%s)',
    (_, version, __, { name, type, profile }) => {
      const { card, path } = cardWith(name, sampleNode(name));
      const faults = validateCard({ ...card, version }, profile).filter((fault) => fault.path === `${path}.type`);
      expect(faults.map(({ severity, code }) => `${severity} ${code}`)).toEqual(expected(type, version, profile));
    },
  );

  it('refuses no property for its version, and warns of every one that is newer than the card', () => {
    for (const { name, key, property } of inner.filter((row) => row.property.since !== undefined)) {
      const { card, path } = cardWith(name, { ...sampleNode(name), [key]: sampleValue(property) });
      for (const version of CARD_VERSIONS) {
        const faults = validateCard({ ...card, version }, BOT).filter((fault) => fault.path === `${path}.${key}`);
        const newer = !isAtMost(property.since!, isAtMost(version, BOT.version) ? version : BOT.version);
        const codes = faults.filter(({ code }) => code === 'needs_newer_version').map(({ severity }) => severity);
        expect(codes, `${name}.${key} in ${version}`).toEqual(newer ? ['warning'] : []);
      }
    }
  });

  it.each(offered.map(([name]) => name))('knows whether %s alone is something to see', (name) => {
    const { card } = cardWith(name, sampleNode(name));
    const see = { ...card, ...(name.startsWith('Action.') && { actions: [{ ...sampleNode(name), title: 'x' }] }) };
    // With only what it must have: nothing inside, no text, a button without a title.
    const nothing = ['Container', 'ColumnSet', 'Table', 'ActionSet', 'Badge'].includes(name);
    expect(validateCard(see, BOT).some(({ code }) => code === 'nothing_to_show')).toBe(nothing);
  });
});
