import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/cards/catalogue/catalogue.ts';
import type { Property } from '../../src/cards/catalogue/rules.ts';
import { BOT } from '../../src/cards/host-profile.ts';
import { validateCard } from '../../src/cards/validate.ts';
import { cardWith, sampleNode, sampleValue } from './samples.ts';

/** Faults that come from the sample standing alone, not from the one field that was changed. */
const ELSEWHERE = new Set([
  'missing_target',
  'entity_without_mention',
  'mention_without_entity',
  'missing_label',
  'needs_newer_version',
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
});
