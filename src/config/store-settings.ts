import { storeKinds } from '../lake/stores/index.ts';
import type { StoreSetting } from '../lake/stores/store-kind.ts';
import type { SectionVariable } from '../settings/section.ts';

/** What stores may be told beside the URL of the lake, of every kind: keys of the section `lake`. */
export const storeSettings: Readonly<Record<string, StoreSetting>> = Object.fromEntries(
  storeKinds.flatMap(({ settings }) => Object.entries(settings)),
);

/** Their variables: that of Sluice, which decides, and the one that tools of the service read. */
export const storeVariables: Readonly<Record<string, SectionVariable>> = Object.fromEntries(
  Object.entries(storeSettings).flatMap(([key, { form, variable }]) =>
    [...(variable === undefined ? [] : [variable]), `SLUICE_LAKE_${key.toUpperCase()}`].map(
      (name): [string, SectionVariable] => [name, { key, form: form ?? 'text' }],
    ),
  ),
);
