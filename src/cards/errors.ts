import { defineErrors } from '../errors/define-errors.ts';

const words = { problem: 'card.json is not JSON.', valid: 'Check quotes and commas.' };

export const cardErrors = defineErrors('card', {
  card_invalid: {
    recovery: 'user_action',
    cause: 'A card has something that its host does not show, or refuses.',
    remedy: 'Correct what the message names by its path; "sluice card lint" lists every fault.',
    example: {
      host: 'workflow',
      codes: ['unknown_element'],
      faults: ['$.body[0]: "TextBlok" is no element. Allowed: TextBlock, Container.'],
    },
    says: ({ host, faults }) => {
      const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
      return `The card is not valid for the host "${host}": ${faults[0]}${more}`;
    },
    hint: () => undefined,
    details: ({ host, codes, faults }) => ({ host, codes, faults }),
  },
  card_not_readable: {
    recovery: 'user_action',
    cause: 'A file or text that should hold a card, a template or its data is too large, not UTF-8, or not JSON.',
    remedy: 'Give one JSON value in UTF-8.',
    example: words,
    says: ({ problem }) => problem,
    hint: ({ valid }) => valid,
  },
  text_blank: {
    recovery: 'user_action',
    cause: 'The text is blank: it has no character that anybody would see.',
    remedy: 'Give something to say.',
  },
  template_invalid: {
    recovery: 'user_action',
    cause: 'A card template, one of its expressions, or its data cannot be used.',
    remedy: 'Correct the expression that the message names, or compute the value in the data.',
    example: {
      problem: '$.body[0].text: the function "json" is refused.',
      valid: 'Compute the value in the data.',
    },
    says: ({ problem }) => problem,
    hint: ({ valid }) => valid,
  },
  template_unfilled: {
    recovery: 'user_action',
    cause: 'A template asks for values that the data does not have.',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the template language
    remedy: 'Add the value to the data, or write what to show instead: ${if(exists(x), x, "-")}.',
    example: { places: ['$.body[0].text: title'] },
    says: ({ places }) => `The data does not fill the template: ${places.slice(0, 5).join('; ')}.`,
    details: ({ places }) => ({ places: places.slice(0, 100) }),
  },
});
