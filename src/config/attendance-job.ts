import type { z } from 'zod';
import { connectionSections, missingOf } from './connection.ts';
import { configErrors } from './errors.ts';
import { loadSections, type SectionInput } from './load-section.ts';
import { originalEnvironment } from './original-environment.ts';
import { attendanceSection } from './sections/attendance.ts';
import { type LakeSection, lakeSection } from './sections/lake.ts';
import type { Override } from './variables.ts';

/** What `sluice attendance` is told, by options, variables, file and the original environment together. */
export interface AttendanceJob {
  readonly attendance: z.output<ReturnType<typeof attendanceSection.schema>>;
  readonly lake: LakeSection;
  /** What the original environment says: who connects needs it too. */
  readonly elsewhere: readonly Override[];
}

export interface AttendanceInput extends SectionInput {
  /** What options say of the section. */
  readonly options: readonly Override[];
}

/** The keys that say whose meetings are read: an option for one of them says it for all. */
export const whoKeys = ['accounts', 'groups', 'everybody'] as const;

/** The lake of a job that has the original environment alone, beside what the original job wrote. */
const LAKE_OF_ORIGINAL = 'msteams/lake';

/**
 * Loads all that the job needs, so that everything that is wrong with it is told at once, before the first request.
 *
 * @param nowMs - ages are counted from here
 * @throws SluiceError `config_invalid` with every fault
 */
export function attendanceJob({ options, ...input }: AttendanceInput, nowMs: number): AttendanceJob {
  const original = originalEnvironment(input.environment);
  const named = new Set(options.map(({ path }) => path.join('.')));
  const isNamed = whoKeys.some((key) => named.has(`attendance.${key}`));
  const faults = [...original.faults, ...(isNamed ? [] : original.faultsOfUsers)];
  const elsewhere = original.overrides;
  try {
    const { attendance, lake } = loadSections(
      (sources, document) => {
        const connection = connectionSections(sources, document);
        return {
          ...connection,
          auth: connection.auth.superRefine((auth, context) => {
            for (const { key, variable, or = '' } of missingOf(auth))
              context.addIssue({ code: 'custom', path: [key], message: `Not set. Give ${variable}${or}.` });
          }),
          lake: lakeSection(nowMs).schema(sources).prefault({}),
          attendance: attendanceSection
            .schema(sources)
            .prefault({})
            .refine(({ accounts, groups, everybody }) => (accounts ?? groups) !== undefined || everybody, {
              path: ['accounts'],
              error: 'Nobody is named. Give --account or --group, the key accounts or groups, or everybody: true.',
            }),
        };
      },
      { ...input, elsewhere, last: options },
    );
    if (faults.length === 0) return { attendance, lake: withUrl(lake, original.container), elsewhere };
  } catch (error) {
    if (!configErrors.config_invalid.is(error)) throw error;
    faults.push(...(error.details['faults'] as readonly string[]));
  }
  throw configErrors.config_invalid({ faults });
}

const withUrl = (lake: LakeSection, container: string | undefined): LakeSection =>
  lake.url === undefined && container !== undefined ? { ...lake, url: `${container}/${LAKE_OF_ORIGINAL}` } : lake;
