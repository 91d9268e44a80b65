import {
  boolean,
  either,
  list,
  markdown,
  type NodeType,
  node,
  number,
  oneOf,
  required,
  since,
  string,
} from './rules.ts';
import { element, rating, selectAction } from './shared-properties.ts';

/** Common to all inputs. `id` is the key of the answer, so it is required. */
const input = {
  ...element,
  id: required(string),
  label: since('1.3', markdown),
  isRequired: since('1.3', boolean),
  errorMessage: since('1.3', string),
  valueChangedAction: node('Action.ResetInputs'),
} as const;

const date = { is: 'pattern', pattern: /^\d{4}-\d{2}-\d{2}$/, example: '2026-01-31' } as const;
const time = { is: 'pattern', pattern: /^([01]\d|2[0-3]):[0-5]\d$/, example: '09:30' } as const;

/** Elements that ask. Source: https://adaptivecards.io/explorer/Input.Text.html and its neighbours. */
export const INPUTS = {
  'Input.Text': {
    group: 'element',
    since: '1.0',
    properties: {
      ...input,
      value: string,
      placeholder: string,
      maxLength: number,
      isMultiline: boolean,
      style: oneOf('Text', 'Tel', 'Url', 'Email', 'Password'),
      regex: since('1.3', string),
      inlineAction: since('1.2', selectAction),
    },
  },
  'Input.Number': {
    group: 'element',
    since: '1.0',
    properties: { ...input, value: number, placeholder: string, min: number, max: number },
  },
  'Input.Date': {
    group: 'element',
    since: '1.0',
    properties: { ...input, value: either(date, oneOf('')), placeholder: string, min: date, max: date },
  },
  'Input.Time': {
    group: 'element',
    since: '1.0',
    properties: { ...input, value: either(time, oneOf('')), placeholder: string, min: time, max: time },
  },
  'Input.Toggle': {
    group: 'element',
    since: '1.0',
    properties: {
      ...input,
      title: required(markdown),
      value: string,
      valueOn: string,
      valueOff: string,
      wrap: boolean,
    },
  },
  'Input.ChoiceSet': {
    group: 'element',
    since: '1.0',
    properties: {
      ...input,
      choices: list(node('Choice')),
      'choices.data': node('Data.Query'),
      value: string,
      placeholder: string,
      isMultiSelect: boolean,
      style: oneOf('compact', 'expanded', 'filtered'),
      wrap: since('1.2', boolean),
    },
  },
  'Input.Rating': { group: 'element', since: 'teams', properties: { ...input, ...rating, allowHalfSteps: boolean } },
} as const satisfies Record<string, NodeType>;
