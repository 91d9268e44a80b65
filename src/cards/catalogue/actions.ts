import {
  any,
  boolean,
  either,
  iconUrl,
  linkUrl,
  list,
  type NodeType,
  node,
  oneOf,
  required,
  since,
  string,
} from './rules.ts';

const action = {
  id: string,
  title: string,
  iconUrl: since('1.1', iconUrl),
  style: since('1.2', oneOf('default', 'positive', 'destructive')),
  fallback: since('1.2', either(node('action'), oneOf('drop'))),
  requires: since('1.2', any),
  tooltip: since('1.5', string),
  role: since('1.5', string),
  isEnabled: since('1.5', boolean),
  mode: since('1.5', oneOf('primary', 'secondary')),
} as const;

const associatedInputs = since('1.3', oneOf('auto', 'none'));

/**
 * Buttons. A Workflows webhook has no bot behind it, so the answers of Submit and Execute would go nowhere.
 *
 * Sources: https://adaptivecards.io/explorer/Action.OpenUrl.html and its neighbours,
 * https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-actions
 */
export const ACTIONS = {
  'Action.OpenUrl': { group: 'action', since: '1.0', properties: { ...action, url: required(linkUrl) } },
  'Action.ShowCard': { group: 'action', since: '1.0', properties: { ...action, card: required(node('AdaptiveCard')) } },
  'Action.ToggleVisibility': {
    group: 'action',
    since: '1.2',
    properties: { ...action, targetElements: required(list(either(string, node('TargetElement')))) },
  },
  'Action.Submit': {
    group: 'action',
    since: '1.0',
    hosts: ['bot'],
    properties: { ...action, data: any, associatedInputs, msTeams: any, conditionallyEnabled: boolean },
  },
  'Action.Execute': {
    group: 'action',
    since: '1.4',
    hosts: ['bot'],
    properties: { ...action, verb: string, data: any, associatedInputs, conditionallyEnabled: boolean },
  },
  'Action.ResetInputs': {
    group: 'action',
    since: 'teams',
    hosts: ['bot'],
    properties: { ...action, targetInputIds: required(list(string)) },
  },
} as const satisfies Record<string, NodeType>;
