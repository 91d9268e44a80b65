import { type CardVersion, type HostName, isAtMost } from './catalogue/rules.ts';

/** What a destination shows and takes. */
export interface HostProfile {
  readonly name: HostName;
  /** Newest card version that is shown. */
  readonly version: CardVersion;
  /** Primary actions shown per set; the rest is cut off. */
  readonly maxActions: number;
  /** Bytes of the whole message body. */
  readonly maxBytes: number;
  /** How the service counts those bytes. */
  readonly encoding: 'utf-8' | 'utf-16';
  /** Whether a CodeBlock is sure to be shown on web and desktop. Phones show its fallback. */
  readonly hasCodeBlock: boolean;
  /** Whether a mention may name a person by the `29:` id a bot knows, beside Entra object id and user principal name. */
  readonly takesBotIds: boolean;
}

/** Source: https://github.com/microsoft/AdaptiveCards/blob/main/samples/HostConfig/microsoft-teams-light.json */
const MAX_ACTIONS = 6;

/**
 * A Workflows webhook: cards up to 1.4 are shown, 28 KB per message. A CodeBlock made the flow fail after its 202
 * (https://github.com/MicrosoftDocs/msteams-docs/issues/11901).
 *
 * Source: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
 */
export const WORKFLOW: HostProfile = {
  name: 'workflow',
  version: '1.4',
  maxActions: MAX_ACTIONS,
  maxBytes: 28_672,
  encoding: 'utf-8',
  hasCodeBlock: false,
  takesBotIds: false,
};

/**
 * A bot conversation: cards up to 1.5, about 100 KB in UTF-16 per message; 80 KB is the recommended bound.
 *
 * Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
 */
export const BOT: HostProfile = {
  name: 'bot',
  version: '1.5',
  maxActions: MAX_ACTIONS,
  maxBytes: 81_920,
  encoding: 'utf-16',
  hasCodeBlock: true,
  takesBotIds: true,
};

export const HOST_PROFILES: Readonly<Record<HostName, HostProfile>> = { workflow: WORKFLOW, bot: BOT };

/** UTF-16 has at most so many bytes for one of UTF-8. */
const UTF16_PER_UTF8 = 2;

/** What two destinations show and take alike: a message that fits it fits both. */
export function strictest(a: HostProfile, b: HostProfile): HostProfile {
  const bytes = ({ encoding, maxBytes }: HostProfile) =>
    encoding === 'utf-8' || a.encoding === b.encoding ? maxBytes : Math.floor(maxBytes / UTF16_PER_UTF8);
  return {
    name: a.name === 'workflow' ? a.name : b.name,
    version: isAtMost(a.version, b.version) ? a.version : b.version,
    maxActions: Math.min(a.maxActions, b.maxActions),
    maxBytes: Math.min(bytes(a), bytes(b)),
    encoding: a.encoding === b.encoding ? a.encoding : 'utf-8',
    hasCodeBlock: a.hasCodeBlock && b.hasCodeBlock,
    takesBotIds: a.takesBotIds && b.takesBotIds,
  };
}
