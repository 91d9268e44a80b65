import { json, type TwinAnswer } from '../protocol/exchange.ts';

/** The form of every refusal: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#errorresponse-object */
export const refusal = (
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): TwinAnswer => json(status, { error: { code, message } }, headers);

export const notFound = () => refusal(404, 'ConversationNotFound', 'The conversation was not found.');
export const gone = () =>
  refusal(404, 'ActivityNotFoundInConversation', 'The activity was not found in the conversation.');
export const badArgument = (what: string) => refusal(400, 'BadArgument', `${what} is missing or wrong.`);
export const notInRoster = (status: 403 | 404 = 403) =>
  refusal(status, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.');
