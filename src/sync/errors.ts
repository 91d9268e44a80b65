import { defineErrors, unknownRow } from '../errors/define-errors.ts';

const partitionsOf = (count: number) => (count === 1 ? '1 partition' : `${count} partitions`);

const refreshed = ({ table }: { readonly table: string }) =>
  `\`sluice refresh ${table}\` reads them again; \`sluice refresh ${table} --dry-run\` says what that costs.`;

export const listingErrors = defineErrors('graph', {
  listing_shrank: {
    recovery: 'user_action',
    cause: 'A listing says much less than the lake has, or lacks what must exist, twice in a row.',
    remedy:
      'Nothing was deleted; what is listed is in the lake. Check in Teams whether it is true; if so, run again with --allow-shrink.',
    example: { route: '/teams', before: 120, after: 3 } as {
      route: string;
      before: number;
      after: number;
      lacking?: string | undefined;
    },
    says: ({ route, before, after, lacking }) =>
      `[GET ${route}] The listing ${after < before ? `shrank from ${before} to ${after}` : `names ${after}`}${lacking === undefined ? '' : `, without ${lacking}`}, and said so twice.`,
    request: ({ route }) => ({ method: 'GET', route }),
    details: ({ before, after }) => ({ before, after }),
  },
});

/** What older rows of a lake lack. */
export const fillingErrors = defineErrors('lake', {
  column_not_filled: {
    recovery: 'user_action',
    cause: 'Older rows lack a column: it came after they were read.',
    remedy: '`sluice refresh TABLE` reads them again; `sluice refresh TABLE --dry-run` says what that costs.',
    example: { table: 'messages', column: 'importance', partitions: 12 },
    says: ({ table, column, partitions }) =>
      `Column ${column} of ${table} came after ${partitionsOf(partitions)} had been read; rows of before lack it.`,
    hint: refreshed,
    details: ({ table, column, partitions }) => ({ table, column, partitions }),
  },
  table_not_filled: {
    recovery: 'user_action',
    cause: 'Older pages were read without a table: it came after they were read.',
    remedy: '`sluice refresh TABLE` reads them again; `sluice refresh TABLE --dry-run` says what that costs.',
    example: { table: 'message_mentions', partitions: 12 },
    says: ({ table, partitions }) =>
      `Table ${table} came after ${partitionsOf(partitions)} had been read; it lacks what they held before.`,
    hint: refreshed,
    details: ({ table, partitions }) => ({ table, partitions }),
  },
});

/** What a run is not begun for. */
export const runErrors = defineErrors('config', {
  unknown_value: unknownRow({ field: 'strategy', value: 'fast', valid: ['recent', 'export', 'delta'] }),
  strategy_not_offered: {
    recovery: 'user_action',
    cause: 'None of the chosen tables can be read with the strategy that was asked for.',
    remedy: 'Take one that the message lists, or leave the strategy out.',
    example: { strategy: 'delta', offered: ['full'] },
    says: ({ strategy }) => `strategy: none of the chosen tables can be read with "${strategy}".`,
    hint: ({ offered }) => `They offer: ${offered.join(', ')}.`,
  },
  unknown_names: {
    recovery: 'user_action',
    cause: 'Nothing that was asked for by its name is in the tenant.',
    remedy: 'Check the spelling. A user is named by the sign-in name (UPN) or the object id: `sluice ids users`.',
    example: { collection: 'users', given: ['ana@contoso.com'] },
    says: ({ collection, given }) => `${collection}: none is called ${given.join(', or ')}.`,
  },
  filter_invalid: {
    recovery: 'user_action',
    cause: '--filter: the condition cannot be read.',
    remedy: "Write comparisons as OData has them: membershipType eq 'private' and isArchived eq false.",
    example: { filter: 'membershipType = private', problem: 'at 16, "= private" is no part of a condition' },
    says: ({ problem }) => `--filter: ${problem}.`,
  },
  filter_table: {
    recovery: 'user_action',
    cause: '--filter: it is not said which table of the run it is about.',
    remedy: 'Name one before the condition: --filter "channels: membershipType eq \'private\'".',
    example: { problem: 'the run is about several tables', valid: ['teams', 'channels'] },
    says: ({ problem }) => `--filter: ${problem}.`,
    hint: ({ valid }) => `Name one of these before the condition, with a colon: ${valid.join(', ')}.`,
  },
  filter_not_possible: {
    recovery: 'user_action',
    cause:
      '--filter: neither Graph nor the rows can tell what meets the condition, or others are read below what it leaves out.',
    remedy: 'Filter by what the message does not name, or ask the lake: sluice query. Nothing was read.',
    example: { table: 'members', why: 'roles: it is no single value' },
    says: ({ table, why }) => `--filter: ${table} cannot be filtered so: ${why}.`,
  },
  since_in_the_future: {
    recovery: 'user_action',
    cause: 'A history would begin in the future, or at no time at all.',
    remedy: 'Give a time that has passed, in milliseconds since 1970.',
    example: { sinceMs: 4_102_444_800_000 },
    says: ({ sinceMs }) => {
      const at = Math.abs(sinceMs) <= 8.64e15 ? new Date(sinceMs).toISOString() : String(sinceMs);
      return `sinceMs: ${at} lies in the future, or is no time: no message would ever be read.`;
    },
  },
  until_before_since: {
    recovery: 'user_action',
    cause: 'A stretch of time would end before it begins, or at no time at all.',
    remedy: 'Give an end that lies behind the beginning.',
    example: { sinceMs: 1_770_000_000_000, untilMs: 1_760_000_000_000 } as {
      sinceMs?: number | undefined;
      untilMs: number;
    },
    says: ({ sinceMs, untilMs }) => {
      const at = (ms: number) => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms));
      const begin = sinceMs === undefined ? '' : ` does not lie after --since ${at(sinceMs)}`;
      return `--until ${at(untilMs)}${begin || ' is no time'}: no message would ever be read.`;
    },
  },
  lake_of_another_tenant: {
    recovery: 'user_action',
    cause: 'The lake holds the rows of another tenant than the credentials are for.',
    remedy:
      'Name another folder with --lake, one for each tenant, or make a lake that holds several: sluice sync --lake NEW --several-tenants. Or check TEAMS_TENANT_ID and the cloud.',
    example: {
      what: 'holds teams of which tenant contoso (public) has none',
      stored: 'unknown',
      given: 'tenant contoso (public)',
    },
    says: ({ what }) => `--lake: this lake ${what}. Nothing was read.`,
    details: ({ stored, given }) => ({ stored, given }),
  },
});
