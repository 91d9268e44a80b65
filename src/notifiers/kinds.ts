import { bot } from './bot/kind.ts';
import type { NotifierKind } from './kind.ts';
import { webhook } from './webhook/kind.ts';

/** The notifiers of this house. The first is that of a receiver that names none. */
export const houseKinds: readonly [NotifierKind, ...NotifierKind[]] = [webhook, bot];

export const defaultKind: NotifierKind = houseKinds[0];

/** Whether messages for a receiver go through the bot that is configured: without one they cannot be sent. */
export const isBots = (kind: NotifierKind): boolean => kind === bot;
