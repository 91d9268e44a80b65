import { isAtMost } from '../catalogue/rules.ts';
import { type CardFault, childPath, quoted } from '../fault.ts';
import type { HostProfile } from '../host-profile.ts';
import type { SeenNode, SeenText } from './walk.ts';

/** What a whole-card check looks at. */
export interface SeenCard {
  readonly nodes: readonly SeenNode[];
  readonly texts: readonly SeenText[];
  readonly profile: HostProfile;
}

type Check = (card: SeenCard) => readonly CardFault[];

const isInput = ({ name }: SeenNode) => name.startsWith('Input.');
const idOf = ({ node }: SeenNode) => (typeof node['id'] === 'string' ? node['id'] : undefined);

/** Lists of the right kind only: a wrong kind is already a fault. */
function listAt(seen: SeenNode, key: string): readonly unknown[] {
  const value = seen.node[key];
  return Array.isArray(value) ? value : [];
}

const duplicateIds: Check = ({ nodes }) => {
  const first = new Map<string, string>();
  const faults: CardFault[] = [];
  for (const seen of nodes) {
    const id = idOf(seen);
    if (!id || seen.inFallback || seen.name === 'MentionedPerson' || seen.name === 'TokenExchangeResource') continue;
    const path = childPath(seen.path, 'id');
    const earlier = first.get(id);
    if (earlier === undefined) first.set(id, path);
    else {
      const message = `The id ${quoted(id)} is already used at ${earlier}.`;
      faults.push({ code: 'duplicate_id', severity: 'error', path, message, allowed: 'an id of its own' });
    }
  }
  return faults;
};

const missingTargets: Check = ({ nodes }) => {
  const ids = new Set(nodes.map(idOf));
  const inputs = new Set(nodes.filter(isInput).map(idOf));
  return nodes.flatMap((seen) => {
    const key = seen.name === 'Action.ResetInputs' ? 'targetInputIds' : 'targetElements';
    const known = key === 'targetInputIds' ? inputs : ids;
    return listAt(seen, key).flatMap((target, index): CardFault[] => {
      const id = typeof target === 'string' ? target : (target as { elementId?: unknown } | null)?.elementId;
      if (typeof id !== 'string' || known.has(id)) return [];
      const at = childPath(childPath(seen.path, key), index);
      const path = typeof target === 'string' ? at : childPath(at, 'elementId');
      const allowed = `the id of ${key === 'targetInputIds' ? 'an input' : 'an element'} of this card`;
      const message = `No ${key === 'targetInputIds' ? 'input' : 'element'} has the id ${quoted(id)}.`;
      return [{ code: 'missing_target', severity: 'error', path, message, allowed }];
    });
  });
};

/** Secondary actions go to a menu, from version 1.5 on. Source: https://adaptivecards.io/explorer/Action.OpenUrl.html */
const tooManyActions: Check = ({ nodes, profile }) => {
  const hasMenu = isAtMost('1.5', profile.version);
  const inMenu = (action: unknown) => hasMenu && (action as { mode?: unknown } | null)?.mode === 'secondary';
  return nodes.flatMap((seen): CardFault[] => {
    const shown = listAt(seen, 'actions').filter((action) => !inMenu(action)).length;
    if (shown <= profile.maxActions) return [];
    const message = `The set has ${shown} actions; Teams shows the first ${profile.maxActions}.`;
    const allowed = `at most ${profile.maxActions}${hasMenu ? ', the others with "mode": "secondary"' : ''}`;
    return [{ code: 'too_many_actions', severity: 'error', path: childPath(seen.path, 'actions'), message, allowed }];
  });
};

/** A mention as it stands in a text. */
export const MENTION = /<at>[^<]*<\/at>/g;

/** Every `<at>` text has an entity with exactly that text, and the reverse. Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format */
const mentions: Check = ({ nodes, texts }) => {
  const entities = nodes.filter(({ name, node }) => name === 'mention' && typeof node['text'] === 'string');
  const used = new Set<string>();
  const faults: CardFault[] = [];
  const declared = new Map<unknown, unknown>();
  for (const { node, path } of entities) {
    const id = (node['mentioned'] as { id?: unknown } | undefined)?.id;
    if (declared.has(node['text']) && declared.get(node['text']) !== id)
      faults.push(ambiguous(childPath(path, 'text')));
    else declared.set(node['text'], id);
  }
  for (const { text, path } of texts) {
    if (!text.includes('<at>')) continue;
    for (const [found] of text.matchAll(MENTION)) {
      used.add(found);
      if (!declared.has(found)) faults.push(withoutEntity(path));
    }
  }
  const idle = entities.filter(({ node }) => !used.has(node['text'] as string));
  return [...faults, ...idle.map(({ path }) => withoutMention(childPath(path, 'text')))];
};

const withoutEntity = (path: string): CardFault => ({
  code: 'mention_without_entity',
  severity: 'error',
  path,
  message: 'A mention in this text has no entity.',
  allowed: 'an entry in $.msteams.entities with exactly the same "text"',
});

const withoutMention = (path: string): CardFault => ({
  code: 'entity_without_mention',
  severity: 'error',
  path,
  message: 'No text of the card contains this mention.',
  allowed: 'exactly the <at>…</at> text that stands in a text of the card',
});

const ambiguous = (path: string): CardFault => ({
  code: 'ambiguous_mention',
  severity: 'error',
  path,
  message: 'Two people are mentioned with the same text.',
  allowed: 'a different name for one of them',
});

/** `29:` ids are made for one bot; a webhook has none. Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#mention-support-within-adaptive-cards */
export const namesNobody = (id: unknown, { takesBotIds }: HostProfile): boolean =>
  !takesBotIds && /^29:/.test(String(id));

const botIds: Check = ({ nodes, profile }) =>
  nodes
    .filter(({ name, node }) => name === 'MentionedPerson' && namesNobody(node['id'], profile))
    .map(({ path }) => ({
      code: 'mention_not_supported',
      severity: 'error',
      path: childPath(path, 'id'),
      message: `An id with "29:" is known to one bot alone; on the host "${profile.name}" it names nobody.`,
      allowed: "the person's Entra object id or user principal name (ann@contoso.com)",
    }));

const missingLabels: Check = ({ nodes }) =>
  nodes
    .filter((seen) => isInput(seen) && !seen.node['label'])
    .map(({ path }) => ({
      code: 'missing_label',
      severity: 'warning',
      path: childPath(path, 'label'),
      message: 'The input has no label; a screen reader has nothing to say.',
      allowed: 'a "label" (version 1.3 and later)',
    }));

const notWrapped: Check = ({ nodes }) =>
  nodes
    .filter(({ name, node }) => name === 'TextBlock' && node['wrap'] === undefined)
    .map(({ path }) => ({
      code: 'text_not_wrapped',
      severity: 'warning',
      path: childPath(path, 'wrap'),
      message: 'The text is cut at the end of the line on a phone.',
      allowed: '"wrap": true',
    }));

/** All checks that need the whole card. */
export const CROSS_CHECKS: readonly Check[] = [
  duplicateIds,
  missingTargets,
  tooManyActions,
  mentions,
  botIds,
  missingLabels,
  notWrapped,
];
