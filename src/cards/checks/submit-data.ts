import { type CardFault, childPath, quoted } from '../fault.ts';
import { ALLOWED_URLS, type UrlPolicy, urlProblem } from '../url-policy.ts';
import { isObject, type SeenNode } from './walk.ts';

/** What `data.msteams.type` may be, with the field each kind needs. Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-actions */
const KINDS: ReadonlyMap<unknown, string | undefined> = new Map<unknown, string | undefined>([
  ['messageBack', 'text'],
  ['imBack', 'value'],
  ['signin', 'value'],
  ['invoke', 'value'],
  ['task/fetch', undefined],
]);

/** Faults in what buttons send: a key that hides an input's answer, a `msteams` object Teams would not understand. */
export function submitDataFaults(nodes: readonly SeenNode[], urls: UrlPolicy): readonly CardFault[] {
  const inputs = new Set(nodes.filter(({ name }) => name.startsWith('Input.')).map(({ node }) => node['id']));
  return nodes
    .filter(({ name, node }) => (name === 'Action.Submit' || name === 'Action.Execute') && isObject(node['data']))
    .flatMap(({ node, path }) => {
      const data = node['data'] as Readonly<Record<string, unknown>>;
      const at = childPath(path, 'data');
      const hidden = Object.keys(data).filter((key) => inputs.has(key));
      return [...hidden.map((key) => hides(key, at)), ...teamsFaults(data['msteams'], childPath(at, 'msteams'), urls)];
    });
}

function hides(key: string, path: string): CardFault {
  return {
    code: 'input_hidden_by_data',
    severity: 'error',
    path: childPath(path, key),
    message: `The key ${quoted(key)} is also the id of an input; only one of the two arrives.`,
    allowed: 'a key that is no input id',
  };
}

function teamsFaults(msteams: unknown, path: string, urls: UrlPolicy): CardFault[] {
  if (!isObject(msteams) || msteams['type'] === undefined) return [];
  const { type } = msteams;
  if (!KINDS.has(type))
    return [invalid(childPath(path, 'type'), 'This kind is not known.', [...KINDS.keys()].join(', '))];
  const needed = KINDS.get(type);
  if (needed && msteams[needed] === undefined) {
    return [invalid(childPath(path, needed), `"${String(type)}" needs "${needed}".`, `a "${needed}"`)];
  }
  const value = msteams['value'];
  if (type !== 'signin') return [];
  const problem = typeof value === 'string' ? urlProblem(value, 'open', urls) : 'not a string';
  if (!problem) return [];
  const message = `The URL is refused: ${problem}.`;
  return [
    { code: 'url_not_allowed', severity: 'error', path: childPath(path, 'value'), message, allowed: ALLOWED_URLS.open },
  ];
}

const invalid = (path: string, message: string, allowed: string): CardFault => ({
  code: 'submit_data_invalid',
  severity: 'error',
  path,
  message,
  allowed,
});
