import { z } from 'zod';
import {
  cardActionAnswer,
  configAnswer,
  exchangeAnswer,
  extensionActionAnswer,
  extensionAnswer,
  noAnswer,
  searchAnswer,
  tabAnswer,
  taskAnswer,
  widgetAnswer,
} from './answers.ts';

/** An answer of HTTP. Without a body it is empty. */
export interface InvokeAnswer {
  readonly status: 200 | 412 | 500 | 501;
  readonly body?: unknown;
}

/** What is said when a handler failed or took too long. */
interface FailureFacts {
  /** Words for the person who waits. */
  readonly text: string;
  /** `value` of the invoke. */
  readonly value: unknown;
}

interface InvokeRow {
  readonly meaning: string;
  /** What a handler gives: the body of a 200. */
  readonly answer: z.ZodType;
  /** An answer that is not simply a 200 with what the handler gave. */
  readonly respond?: (given: unknown, value: unknown) => InvokeAnswer;
  /** The form in which this invoke is told that it failed. */
  readonly failed: (facts: FailureFacts) => InvokeAnswer;
}

const ok = (body?: unknown): InvokeAnswer => ({ status: 200, body });
/** No form of failure is published for these: the status says it. */
const empty500 = (): InvokeAnswer => ({ status: 500 });

const fault = ({ text }: FailureFacts) =>
  ok({ statusCode: 500, type: 'application/vnd.microsoft.error', value: { code: 'BotFailed', message: text } });
const dialogFailed = ({ text }: FailureFacts) => ok({ task: { type: 'message', value: text } });
const extensionFailed = ({ text }: FailureFacts) => ok({ composeExtension: { type: 'message', text } });
const configFailed = ({ text }: FailureFacts) =>
  ok({ responseType: 'config', config: { type: 'message', value: text } });

const exchange = z.object({ id: z.string().optional(), connectionName: z.string().optional() }).catch({});
const exchangeFailed = (value: unknown, failureDetail: string): InvokeAnswer => {
  const { id, connectionName } = exchange.parse(value);
  return { status: 412, body: { id, connectionName, failureDetail } };
};

const extension = { answer: extensionAnswer, failed: extensionFailed };
const extensionAction = { answer: extensionActionAnswer, failed: dialogFailed };
const dialog = { answer: taskAnswer, failed: dialogFailed };
const silent = { answer: noAnswer, failed: empty500 };

/**
 * Every published invoke: what it asks, what may be answered, and how it is told that the bot failed. An unknown name is
 * answered with 501 and an empty body, never with 200.
 *
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/invoke-activity
 * @see https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/action-commands/respond-to-task-module-submit (5 seconds)
 */
export const invokes = {
  'adaptiveCard/action': { meaning: 'Action.Execute of a card.', answer: cardActionAnswer, failed: fault },
  'task/fetch': { meaning: 'A dialog is opened.', ...dialog },
  'task/submit': { meaning: 'A dialog is submitted.', ...dialog },
  'composeExtension/query': { meaning: 'A search of a message extension.', ...extension },
  'composeExtension/queryLink': { meaning: 'A link is unfurled.', ...extension },
  'composeExtension/anonymousQueryLink': {
    meaning: 'A link is unfurled where the app is not installed.',
    ...extension,
  },
  'composeExtension/selectItem': { meaning: 'A result of a search is chosen.', ...extension },
  'composeExtension/querySettingUrl': { meaning: 'The page of settings of a message extension.', ...extension },
  'composeExtension/setting': { meaning: 'The settings of a message extension are saved.', ...extension },
  'composeExtension/fetchTask': { meaning: 'The dialog of an action of a message extension.', ...extensionAction },
  'composeExtension/submitAction': { meaning: 'An action of a message extension is submitted.', ...extensionAction },
  'composeExtension/onCardButtonClicked': { meaning: 'A button of a card of a message extension.', ...silent },
  'message/submitAction': {
    meaning: 'Feedback on a message of the bot. Any body would be shown as an error.',
    ...silent,
  },
  'message/fetchTask': { meaning: 'The own dialog for feedback.', ...dialog },
  'signin/tokenExchange': {
    meaning: 'A token for single sign-on. Several clients send it: answer each exchange once.',
    answer: exchangeAnswer,
    respond: (given, value) => {
      const failed = exchangeAnswer.parse(given);
      return failed ? exchangeFailed(value, failed.failureDetail) : ok();
    },
    failed: ({ text, value }) => exchangeFailed(value, text),
  },
  'signin/verifyState': { meaning: 'A sign-in ended: `value.state` is its code.', ...silent },
  'signin/failure': { meaning: 'A sign-in failed: `value` has code and message.', ...silent },
  'fileConsent/invoke': { meaning: 'A person takes a file or declines it (`value.action`).', ...silent },
  'actionableMessage/executeAction': { meaning: 'An action of a connector card.', ...silent },
  'config/fetch': { meaning: 'The configuration of the bot is opened.', answer: configAnswer, failed: configFailed },
  'config/submit': { meaning: 'The configuration of the bot is saved.', answer: configAnswer, failed: configFailed },
  'tab/fetch': { meaning: 'A tab of cards is opened.', answer: tabAnswer, failed: empty500 },
  'tab/submit': { meaning: 'A tab of cards is submitted.', answer: tabAnswer, failed: empty500 },
  'application/search': { meaning: 'Suggestions for Input.ChoiceSet.', answer: searchAnswer, failed: fault },
  'handoff/action': { meaning: 'A conversation is taken over from another bot.', ...silent },
  nameless: { meaning: 'An invoke without a name: a button with `msteams.type: invoke` in an old card.', ...silent },
  'suggestedActions/submit': { meaning: 'A suggested action (preview).', ...silent },
  'htmlwidget/calltool': {
    meaning: 'A tool of a widget (preview).',
    answer: widgetAnswer,
    failed: ({ text }) =>
      ok({
        responseType: 'htmlwidget/calltoolresult',
        callToolResult: { isError: true, content: [{ type: 'text', text }] },
      }),
  },
} as const satisfies Record<string, InvokeRow>;

/** The name of an invoke that has none, as old buttons of cards send it. */
export const NAMELESS = 'nameless';

export type InvokeName = keyof typeof invokes;
/** What handlers of invokes give. A table, so that the compiler knows the form of an answer while it is written. */
export type InvokeBodies = { readonly [Name in InvokeName]: z.input<(typeof invokes)[Name]['answer']> };
/** What a handler of an invoke gives. */
export type InvokeBody<Name extends InvokeName> = InvokeBodies[Name];

export const isInvokeName = (name: string): name is InvokeName => Object.hasOwn(invokes, name);

/** Not one of ours: nothing is said but that. */
export const notImplemented: InvokeAnswer = { status: 501 };

/** The answer that a handler's result is; undefined when it is none of the forms that this invoke may be answered with. */
export function invokeAnswer(name: InvokeName, given: unknown, value: unknown): InvokeAnswer | undefined {
  const row: InvokeRow = invokes[name];
  const parsed = row.answer.safeParse(given);
  if (!parsed.success) return undefined;
  return row.respond ? row.respond(parsed.data, value) : ok(parsed.data);
}
