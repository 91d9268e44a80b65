import { describe } from '../checks/describe.ts';
import { HOST_PROFILES } from '../host-profile.ts';
import { CATALOGUE } from './catalogue.ts';
import type { NodeType, Property } from './rules.ts';

const SECTIONS = [
  ['element', 'Elements'],
  ['action', 'Actions'],
  ['layout', 'Layouts'],
  ['part', 'Parts of other objects'],
] as const;

/** The reference page of what a card may hold, written from the catalogue. */
export function cardReference(): string {
  return [
    '# What a card may hold',
    'Written from the catalogue in `src/cards/catalogue/`, which is also what the validator checks by and what the builder offers. Names of values are taken in any case. Properties in bold are required.',
    ...hosts(),
    ...SECTIONS.flatMap(([group, title]) => [
      `## ${title}`,
      ...[...CATALOGUE].filter(([, type]) => type.group === group).map(([name, type]) => section(name, type)),
    ]),
  ].join('\n\n');
}

function hosts(): string[] {
  const rows = Object.values(HOST_PROFILES).map(
    ({ name, version, maxActions, maxBytes, encoding }) =>
      `| ${name} | ${version} | ${maxActions} | ${maxBytes} bytes of the whole body in ${encoding.toUpperCase()} |`,
  );
  return ['## Hosts', ['| host | newest version | actions per set | size |', '|---|---|---|---|', ...rows].join('\n')];
}

function section(name: string, type: NodeType): string {
  const since = type.since === 'teams' ? "Teams' own, no version" : `since ${type.since}`;
  const only = type.hosts ? `, only on: ${type.hosts.join(', ')}` : '';
  const rows = Object.entries(type.properties).map(([key, property]) => row(key, property));
  return [`### ${name}`, '', `${since}${only}`, '', '| property | value | since |', '|---|---|---|', ...rows].join(
    '\n',
  );
}

function row(key: string, property: Property): string {
  const name = property.required ? `**${key}**` : key;
  return `| ${name} | ${describe(property).replaceAll('|', '\\|')} | ${property.since ?? ''} |`;
}
