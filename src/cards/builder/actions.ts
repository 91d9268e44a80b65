import type { Properties } from '../catalogue/catalogue.ts';
import type { CardNode } from '../catalogue/rules.ts';
import { make } from './node.ts';

type Rest<N extends Parameters<typeof make>[0], K extends string = never> = Omit<Properties<N>, K | 'title'>;

export const openUrl = (title: string, url: string, options: Rest<'Action.OpenUrl', 'url'> = {}) =>
  make('Action.OpenUrl', { ...options, title, url });
/** @param card - a card made by `card().part()`: shown in place when the button is pressed */
export const showCard = (
  title: string,
  card: CardNode<'AdaptiveCard'>,
  options: Rest<'Action.ShowCard', 'card'> = {},
) => make('Action.ShowCard', { ...options, title, card });
/** @param targetElements - ids of elements to show or hide */
export const toggleVisibility = (
  title: string,
  targetElements: Properties<'Action.ToggleVisibility'>['targetElements'],
  options: Rest<'Action.ToggleVisibility', 'targetElements'> = {},
) => make('Action.ToggleVisibility', { ...options, title, targetElements });
/** Bot only. @param data - sent to the bot together with the inputs */
export const submit = (
  title: string,
  data: Readonly<Record<string, unknown>>,
  options: Rest<'Action.Submit', 'data'> = {},
) => make('Action.Submit', { ...options, title, data });
/** Bot only. @param verb - tells the bot which button it was */
export const execute = (
  title: string,
  verb: string,
  data: Readonly<Record<string, unknown>>,
  options: Rest<'Action.Execute', 'verb' | 'data'> = {},
) => make('Action.Execute', { ...options, title, verb, data });
/** Bot only. */
export const resetInputs = (
  title: string,
  targetInputIds: readonly string[],
  options: Rest<'Action.ResetInputs', 'targetInputIds'> = {},
) => make('Action.ResetInputs', { ...options, title, targetInputIds });
