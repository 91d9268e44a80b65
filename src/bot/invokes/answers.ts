import { z } from 'zod';

/** A card or a picture, as an attachment. */
const attachment = z.looseObject({ contentType: z.string().min(1), content: z.unknown().optional() });
const size = z.union([z.number().positive(), z.enum(['small', 'medium', 'large'])]).optional();
const frame = { title: z.string().optional(), height: size, width: size };
const cacheInfo = z.looseObject({ cacheType: z.string().optional(), cacheDuration: z.number().optional() }).optional();

const taskInfo = z.union([
  z.looseObject({ ...frame, card: attachment }),
  z.looseObject({ ...frame, url: z.url(), fallbackUrl: z.url().optional() }),
]);

/** What becomes of a dialog: another one, a message, or nothing more. */
const task = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('continue'), value: taskInfo }),
  z.looseObject({ type: z.literal('message'), value: z.string() }),
]);

/** @see https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots */
export const taskAnswer = z.looseObject({ task, cacheInfo }).optional();

const composeExtension = z.looseObject({
  type: z.enum(['result', 'auth', 'config', 'message', 'botMessagePreview', 'silentAuth']),
  attachmentLayout: z.enum(['list', 'grid']).optional(),
  attachments: z.array(attachment).optional(),
  suggestedActions: z.looseObject({ actions: z.array(z.looseObject({})) }).optional(),
  text: z.string().optional(),
  activityPreview: z.looseObject({}).optional(),
});

/** @see https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/search-commands/respond-to-search */
export const extensionAnswer = z.looseObject({ composeExtension, cacheInfo }).optional();

/** @see https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/action-commands/respond-to-task-module-submit */
export const extensionActionAnswer = z
  .union([z.looseObject({ composeExtension, cacheInfo }), z.looseObject({ task, cacheInfo })])
  .optional();

/** @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-configuration-experience */
export const configAnswer = z.looseObject({
  responseType: z.literal('config'),
  config: z.union([task, z.looseObject({ type: z.literal('auth'), suggestedActions: z.looseObject({}) })]),
  cacheInfo,
});

/** @see https://learn.microsoft.com/microsoftteams/platform/tabs/how-to/build-adaptive-card-tabs */
export const tabAnswer = z.looseObject({
  tab: z.looseObject({
    type: z.enum(['continue', 'auth', 'silentAuth']),
    value: z.looseObject({ cards: z.array(z.looseObject({ card: z.looseObject({}) })) }).optional(),
    suggestedActions: z.looseObject({ actions: z.array(z.looseObject({})) }).optional(),
  }),
});

const fault = z.looseObject({ code: z.string(), message: z.string() });

/**
 * Every answer to Action.Execute. The result is in the body: the status of HTTP is 200 whenever the bot ran.
 *
 * @see https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model
 */
export const cardActionAnswer = z.discriminatedUnion('type', [
  z.looseObject({
    statusCode: z.literal(200),
    type: z.literal('application/vnd.microsoft.card.adaptive'),
    value: z.looseObject({}),
  }),
  z.looseObject({
    statusCode: z.literal(200),
    type: z.literal('application/vnd.microsoft.activity.message'),
    value: z.string(),
  }),
  z.looseObject({
    statusCode: z.union([z.literal(400), z.literal(500)]),
    type: z.literal('application/vnd.microsoft.error'),
    value: fault,
  }),
  z.looseObject({
    statusCode: z.literal(401),
    type: z.literal('application/vnd.microsoft.activity.loginRequest'),
    value: z.looseObject({}),
  }),
  z.looseObject({
    statusCode: z.literal(401),
    type: z.literal('application/vnd.microsoft.error.incorrectAuthCode'),
    value: z.null(),
  }),
  z.looseObject({
    statusCode: z.literal(412),
    type: z.literal('application/vnd.microsoft.error.preconditionFailed'),
    value: fault,
  }),
]);

/** @see https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search */
export const searchAnswer = z.looseObject({
  statusCode: z.literal(200),
  type: z.literal('application/vnd.microsoft.search.searchResponse'),
  value: z.looseObject({ results: z.array(z.looseObject({ title: z.string(), value: z.string() })) }),
});

/** A failed exchange: Teams then shows its sign-in. Nothing: it succeeded. */
export const exchangeAnswer = z.looseObject({ failureDetail: z.string() }).optional();

export const widgetAnswer = z.looseObject({
  responseType: z.literal('htmlwidget/calltoolresult'),
  callToolResult: z.looseObject({
    content: z.array(z.looseObject({ type: z.string() })).optional(),
    structuredContent: z.unknown().optional(),
    isError: z.boolean().optional(),
  }),
});

/** Any body would be shown as an error: whatever a handler gives is left out. */
export const noAnswer = z.custom<undefined>(() => true).transform((): undefined => undefined);
