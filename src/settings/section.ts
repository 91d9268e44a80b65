import type { z } from 'zod';
import type { Form } from './form.ts';
import type { ReferenceSources } from './references.ts';

/** A key of a section that an environment variable may say. */
export interface SectionVariable {
  readonly key: string;
  readonly form: Form;
}

/**
 * A top-level key of `sluice.yaml`, declared beside the room whose settings it holds: what may stand in it, what each key
 * means, and its environment variables. `config/` puts all of them together; a command that needs one of them loads it
 * alone.
 */
export interface Section<Name extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly name: Name;
  /** By the name of the variable. */
  readonly variables: Readonly<Record<string, SectionVariable>>;
  /** @param sources - where references to secrets and files lead */
  schema(sources: ReferenceSources): Schema;
}

/** Declares a section, with the type of what it holds. */
export const section = <const Name extends string, Schema extends z.ZodType>(
  declared: Section<Name, Schema>,
): Section<Name, Schema> => declared;
