import type { Properties } from '../catalogue/catalogue.ts';
import { make } from './node.ts';

type Rest<N extends Parameters<typeof make>[0], K extends string = never> = Omit<Properties<N>, K | 'id' | 'label'>;
type Label = NonNullable<Properties<'Input.Text'>['label']>;

// Every input takes its label as an argument: without one a screen reader has nothing to say.

export const textInput = (id: string, label: Label, options: Rest<'Input.Text'> = {}) =>
  make('Input.Text', { ...options, id, label });
export const numberInput = (id: string, label: Label, options: Rest<'Input.Number'> = {}) =>
  make('Input.Number', { ...options, id, label });
export const dateInput = (id: string, label: Label, options: Rest<'Input.Date'> = {}) =>
  make('Input.Date', { ...options, id, label });
export const timeInput = (id: string, label: Label, options: Rest<'Input.Time'> = {}) =>
  make('Input.Time', { ...options, id, label });
/** @param title - the text beside the box */
export const toggleInput = (
  id: string,
  label: Label,
  title: Properties<'Input.Toggle'>['title'],
  options: Rest<'Input.Toggle', 'title'> = {},
) => make('Input.Toggle', { ...options, id, label, title });
export const choiceSet = (
  id: string,
  label: Label,
  choices: NonNullable<Properties<'Input.ChoiceSet'>['choices']>,
  options: Rest<'Input.ChoiceSet', 'choices'> = {},
) => make('Input.ChoiceSet', { ...options, id, label, choices });
export const ratingInput = (id: string, label: Label, options: Rest<'Input.Rating'> = {}) =>
  make('Input.Rating', { ...options, id, label });
