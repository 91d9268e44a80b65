/** What can be wrong with a card. Stable: branch on it. */
export type FaultCode =
  | 'not_a_card'
  | 'wrong_type'
  | 'unknown_value'
  | 'missing_property'
  | 'unknown_property'
  | 'unknown_element'
  | 'unknown_action'
  | 'needs_newer_version'
  | 'version_not_supported'
  | 'version_lowered'
  | 'action_not_supported'
  | 'too_many_actions'
  | 'duplicate_id'
  | 'missing_target'
  | 'input_hidden_by_data'
  | 'submit_data_invalid'
  | 'mention_without_entity'
  | 'entity_without_mention'
  | 'ambiguous_mention'
  | 'mention_not_supported'
  | 'nothing_to_show'
  | 'url_not_allowed'
  | 'missing_label'
  | 'text_not_wrapped'
  | 'forbidden_key'
  | 'unsafe_character'
  | 'not_json'
  | 'too_deep'
  | 'too_many_values'
  | 'too_large';

/** One thing that is wrong with a card. */
export interface CardFault {
  readonly code: FaultCode;
  /** `error`: the card is refused, here or by Teams. `warning`: it is shown, but not to everybody or not as meant. */
  readonly severity: 'error' | 'warning';
  /** Where, as a path from the card: `$.body[2].actions[0].url`. */
  readonly path: string;
  /** What is wrong. Never the text of the message. */
  readonly message: string;
  /** What is allowed, or what to do. */
  readonly allowed: string;
}

const MAX_NAME = 60;

/** A name from outside, short and printable, for a message. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name);
}

/** The path of a property below another path. */
export function childPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) && key.length <= MAX_NAME ? `${path}.${key}` : `${path}[${quoted(key)}]`;
}
