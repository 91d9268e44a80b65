import { defineCodes } from '../errors/define-errors.ts';

/** What can be wrong with a card. Stable: branch on it. */
export const cardFaults = defineCodes('card fault', {
  not_a_card: {
    cause: 'The value is no Adaptive Card.',
    remedy: 'Give an object with "type": "AdaptiveCard".',
    example: '$: This is no Adaptive Card.',
  },
  wrong_type: {
    cause: 'A property holds a value of another kind than it takes, for example a number in place of a text.',
    remedy: 'Give a value of the kind that the finding names.',
    example: '$.body[0].wrap: This is a string.',
  },
  unknown_value: {
    cause: 'A property holds a value that is not among those it takes, or has another form.',
    remedy: 'Give one of the values that the finding lists.',
    example: '$.body[0].size: "huge" is not known here.',
  },
  missing_property: {
    cause: 'An object lacks a property that it needs.',
    remedy: 'Add the property that the path ends with.',
    example: '$.body[0].text: TextBlock needs "text".',
  },
  unknown_property: {
    cause: 'An object has a property that nothing is known of; Teams ignores it.',
    remedy: 'Look for a misspelling among those that the finding lists, or leave it out.',
    example: '$.body[0].colour: TextBlock has no "colour"; Teams ignores it.',
  },
  unknown_element: {
    cause: 'A type of element is not known, and the element has no fallback.',
    remedy: 'Use one that the finding lists, or give a "fallback".',
    example: '$.body[0].type: "TextBlok" is not known here, and it has no "fallback".',
  },
  unknown_action: {
    cause: 'A type of action is not known, and the action has no fallback.',
    remedy: 'Use one that the finding lists, or give a "fallback".',
    example: '$.actions[0].type: "Action.Open" is not known here, and it has no "fallback".',
  },
  needs_newer_version: {
    cause: 'An element or a property is newer than the version that the card names, or than its host shows.',
    remedy: 'Name the version that the finding gives, or use something older.',
    example: '$.body[0].type: Table came with version 1.5; this card names 1.2.',
  },
  version_not_supported: {
    cause: 'The card names no version, or one that does not exist; its host shows nothing.',
    remedy: 'Name one of the versions that the finding lists.',
    example: '$.version: There is no version "9.9".',
  },
  version_lowered: {
    cause: 'The card names a newer version than its host shows; it is sent with the version of the host.',
    remedy: 'Nothing has to be done. What came with newer versions is ignored.',
    example: '$.version: Sent as 1.5: the host "workflow" shows nothing newer, and ignores what came later.',
  },
  action_not_supported: {
    cause: 'An action does nothing on this host.',
    remedy: 'Use one of the actions that the finding lists.',
    example: '$.actions[0].type: Action.Submit does nothing on the host "workflow".',
  },
  too_many_actions: {
    cause: 'A set has more actions than Teams shows.',
    remedy: 'Leave some out, or give them "mode": "secondary".',
    example: '$.actions: The set has 8 actions; Teams shows the first 6.',
  },
  duplicate_id: {
    cause: 'Two objects of a card have one id.',
    remedy: 'Give each an id of its own.',
    example: '$.body[1].id: The id "name" is already used at $.body[0].id.',
  },
  missing_target: {
    cause: 'An action names an element or an input that the card does not have.',
    remedy: 'Give the id of one that it has.',
    example: '$.actions[0].targetElements[0]: No element has the id "details".',
  },
  input_hidden_by_data: {
    cause: 'A key in the data of an action is also the id of an input; only one of the two arrives.',
    remedy: 'Rename the key, or the input.',
    example: '$.actions[0].data.name: The key "name" is also the id of an input; only one of the two arrives.',
  },
  submit_data_invalid: {
    cause: 'The "msteams" part in the data of an action is none that Teams knows.',
    remedy: 'Give what the finding lists.',
    example: '$.actions[0].data.msteams.type: This kind is not known.',
  },
  mention_without_entity: {
    cause: 'A text mentions somebody whom no entity names.',
    remedy: 'Add an entry to $.msteams.entities with exactly the same text.',
    example: '$.body[0].text: A mention in this text has no entity.',
  },
  entity_without_mention: {
    cause: 'An entity names a mention that stands in no text of the card.',
    remedy: 'Write its text, exactly, where the person is to be mentioned.',
    example: '$.msteams.entities[0].text: No text of the card contains this mention.',
  },
  ambiguous_mention: {
    cause: 'Two people are mentioned with the same text.',
    remedy: 'Give one of them another name.',
    example: '$.msteams.entities[1].text: Two people are mentioned with the same text.',
  },
  mention_not_supported: {
    cause: 'A mention names a person by an id that only one bot knows.',
    remedy: "Give the person's Entra object id or user principal name.",
    example:
      '$.msteams.entities[0].mentioned.id: An id with "29:" is known to one bot alone; on the host "workflow" it names nobody.',
  },
  nothing_to_show: {
    cause: 'A reader would see nothing of the card.',
    remedy: 'Give a body with a text or a picture, or actions with a title.',
    example: '$: A reader would see nothing of this card: it has no element and no button, or only blank texts.',
  },
  url_not_allowed: {
    cause: 'A card may not hold this URL: Teams refuses it, or the section cards of the configuration does.',
    remedy: 'Give a URL of the kind that the finding names.',
    example: '$.body[0].url: The URL is refused: not https.',
  },
  missing_label: {
    cause: 'An input has no label; a screen reader has nothing to say.',
    remedy: 'Give it a "label".',
    example: '$.body[0].label: The input has no label; a screen reader has nothing to say.',
  },
  text_not_wrapped: {
    cause: 'A text is cut at the end of the line on a phone.',
    remedy: 'Give it "wrap": true.',
    example: '$.body[0].wrap: The text is cut at the end of the line on a phone.',
  },
  forbidden_key: {
    cause: 'A key has a name that programs in JavaScript give a meaning of their own.',
    remedy: 'Give it any other name.',
    example: '$.body[0]: The key "__proto__" is refused.',
  },
  unsafe_character: {
    cause: 'A text holds a character that hides or reorders what people read.',
    remedy: 'Take control and bidirectional formatting characters out.',
    example: '$.body[0].text: The character U+202E hides or reorders text.',
  },
  not_json: {
    cause: 'A value cannot be sent as JSON.',
    remedy: 'Give strings, finite numbers, booleans, null, lists and plain objects.',
    example: '$.body[0].text: A function cannot be sent as JSON.',
  },
  too_deep: {
    cause: 'A card is nested too deeply, or contains itself.',
    remedy: 'Make it flatter.',
    example: '$.body[0].items[0]: The card is nested too deeply, or contains itself.',
  },
  too_many_values: {
    cause: 'A card has more values than anybody would read.',
    remedy: 'Send less in one card.',
    example: '$: The card has too many values.',
  },
  too_large: {
    cause: 'The message with the card is larger than its host takes.',
    remedy: 'Send less, or split it: a receiver does with "too_large: split".',
    example: '$: The message has 30000 bytes (UTF-8).',
  },
});
