import { z } from 'zod';
import type { FieldKit, NotifierKind } from '../notifiers/kind.ts';
import { houseKinds } from '../notifiers/kinds.ts';
import { loadKind } from '../notifiers/load.ts';
import { MAX_FAULTS } from '../settings/document.ts';
import { filled, pathIn, secretIn } from '../settings/fields.ts';
import type { ReferenceSources } from '../settings/references.ts';
import { SHARED_SECTION, sectionNames } from './section-names.ts';

/** A notifier and what the configuration says of it. */
export interface ConfiguredNotifier {
  readonly kind: NotifierKind;
  /** Its own sections. */
  readonly settings: object;
}

/** The shapes of sections, by their names. */
export type SectionShapes = Readonly<Record<string, Readonly<Record<string, z.ZodType>>>>;

/** A fault of the configuration. */
interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const listSchema = z.object({ notifiers: z.array(z.string().trim().min(1)).max(MAX_FAULTS) });

/** Fields that no notifier may declare, because every receiver has them. */
export const commonFields = ['notifier', 'tenant', 'template', 'timezone', 'too_large'] as const;

/**
 * The notifiers that a configuration may use: those of the house, and those of the modules that it names.
 *
 * @param value - the configuration with its references put in
 * @param folder - of the configuration
 */
export async function kindsOf(
  value: unknown,
  folder: string,
  kit: FieldKit,
): Promise<{ readonly kinds: readonly NotifierKind[] } | { readonly faults: readonly Fault[] }> {
  // What is no list of names is refused by the schema, with everything else.
  const named = listSchema.safeParse(value).data?.notifiers ?? [];
  const kinds = [...houseKinds];
  const faults: Fault[] = [];
  for (const [index, given] of named.entries()) {
    const loaded = await loadKind(given, folder);
    const problem = 'problem' in loaded ? loaded.problem : problemOf(loaded.kind, kinds, kit);
    if (problem !== undefined) faults.push({ path: ['notifiers', index], message: problem });
    else if ('kind' in loaded) kinds.push(loaded.kind);
  }
  return faults.length > 0 ? { faults } : { kinds };
}

/** Why a notifier cannot be used beside the others; undefined: it can. */
function problemOf(kind: NotifierKind, kinds: readonly NotifierKind[], kit: FieldKit): string | undefined {
  if (kinds.some(({ name }) => name === kind.name)) return `There is a notifier "${kind.name}" already.`;
  try {
    const fields: Readonly<Record<string, unknown>> = { ...kind.fields(kit) };
    const sections = ownSections(kind, kit);
    const common = commonFields.find((field) => Object.hasOwn(fields, field));
    if (common !== undefined) return `Its field "${common}" is one that every receiver has.`;
    if (![fields, ...Object.values(sections)].every(isShape)) return 'Its fields or settings are no fields of the kit.';
    const taken = sectionShapes(kinds, kit);
    const names: readonly string[] = [...sectionNames, ...Object.keys(taken)];
    const section = Object.keys(sections).find((one) => one !== SHARED_SECTION && names.includes(one));
    if (section !== undefined) return `Its section "${section}" belongs to somebody else.`;
    const field = Object.keys(sections[SHARED_SECTION] ?? {}).find((one) => !one.startsWith(`${kind.name}_`));
    return field === undefined ? undefined : `Its field "${SHARED_SECTION}.${field}" must begin with "${kind.name}_".`;
  } catch (error) {
    return `Its fields or settings cannot be made (${error instanceof Error ? error.name : typeof error}).`;
  }
}

const isShape = (fields: unknown): boolean =>
  typeof fields === 'object' && fields !== null && Object.values(fields).every((field) => field instanceof z.ZodType);

/** The sections of all notifiers together. */
export function sectionShapes(kinds: readonly NotifierKind[], kit: FieldKit): SectionShapes {
  const shapes: Record<string, Record<string, z.ZodType>> = {};
  for (const kind of kinds) {
    for (const [section, fields] of Object.entries(ownSections(kind, kit))) {
      shapes[section] = { ...shapes[section], ...fields };
    }
  }
  return shapes;
}

function ownSections(kind: NotifierKind, kit: FieldKit): SectionShapes {
  return { ...kind.settings?.(kit) };
}

/** What a configuration says of each notifier. */
export function configured(
  kinds: readonly NotifierKind[],
  config: Readonly<Record<string, unknown>>,
  kit: FieldKit,
): readonly ConfiguredNotifier[] {
  return kinds.map((kind) => {
    const sections = Object.entries(ownSections(kind, kit)).map(([section, fields]) => {
      const given = Object(config[section]) as Readonly<Record<string, unknown>>;
      return [section, Object.fromEntries(Object.keys(fields).map((field) => [field, given[field]]))];
    });
    return { kind, settings: Object.fromEntries(sections) as object };
  });
}

/** What a configuration says of a notifier. */
export function settingsOf<Receiver extends object, Settings extends object>(
  { notifiers }: { readonly notifiers: readonly ConfiguredNotifier[] },
  kind: NotifierKind<Receiver, Settings>,
): Settings {
  // Parsed by the notifier's own fields.
  return notifiers.find((one) => one.kind.name === kind.name)?.settings as Settings;
}

/** What the fields of notifiers are made of. */
export const fieldKit = (sources: ReferenceSources): FieldKit => ({
  z,
  text: filled,
  secret: secretIn(sources),
  path: pathIn(sources),
});
