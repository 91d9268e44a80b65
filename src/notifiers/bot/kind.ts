import { botLimits } from '../../limits/bot-limits.ts';
import type { HouseHost } from '../house-host.ts';
import type { FieldFault, NotifierKind } from '../kind.ts';
import { createBotNotifier } from './notifier.ts';
import type { BotReceiver } from './receiver.ts';

const places = ['conversation', 'channel', 'chat', 'user'] as const satisfies readonly (keyof BotReceiver)[];

/** The bot of the section `bot`, in the conversations that it is in. */
export const bot: NotifierKind<BotReceiver> = {
  api: 1,
  name: 'bot',

  fields: ({ z, text }) => ({
    conversation: text.optional().describe('Id of a conversation that `sluice bot conversations` lists.'),
    channel: text.optional().describe('Id of a channel (19:…@thread.tacv2): each message is a new thread.'),
    thread: z
      .string()
      .regex(/^\d{1,20}$/, 'Expected the id of the first message of the thread.')
      .optional()
      .describe('Id of the first message of a thread of the channel: messages are answers there.'),
    chat: text.optional().describe('Id of a group chat (19:…@thread.v2) that the bot is in.'),
    user: text.optional().describe('Entra object id of a person, or the 29: id that the bot knows.'),
  }),

  check: (receiver) => [...placeFaults(receiver), ...threadFaults(receiver)],

  profile: () => ({ name: 'bot' }),

  windows: () => botLimits.send,

  open: (host: HouseHost) => createBotNotifier(host),
};

function placeFaults(receiver: BotReceiver): readonly FieldFault[] {
  const given = places.filter((place) => receiver[place] !== undefined);
  if (given.length === 1) return [];
  return [{ field: given[1] ?? 'channel', problem: `Expected one of ${places.join(', ')}.` }];
}

function threadFaults({ thread, channel }: BotReceiver): readonly FieldFault[] {
  return thread === undefined || channel !== undefined
    ? []
    : [{ field: 'thread', problem: 'A thread is in a channel: give "channel" too.' }];
}
