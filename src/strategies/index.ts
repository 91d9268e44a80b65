import type { Strategy, StrategyName } from './strategy.ts';

// Declarations name these objects; their code is loaded when a run reads with them.

export const snapshot = {
  name: 'snapshot',
  isListing: true,
  load: async () => (await import('./snapshot.ts')).reader,
} as const satisfies Strategy;

/** `export` is a word of the language. */
export const exported: Strategy = {
  name: 'export',
  isPacked: true,
  load: async () => (await import('./export.ts')).reader,
};

export const recent: Strategy = {
  name: 'recent',
  standsIn: true,
  load: async () => (await import('./recent.ts')).reader,
};

export const delta: Strategy = {
  name: 'delta',
  isRound: true,
  load: async () => (await import('./delta.ts')).reader,
};

/** One delta link for many places: beside an `export` of them. */
export const deltaOfMany: Strategy = {
  name: 'delta',
  isPacked: true,
  isRound: true,
  load: async () => (await import('./export-delta.ts')).reader,
};

export const full: Strategy = {
  name: 'full',
  isWhole: true,
  load: async () => (await import('./full.ts')).reader,
};

export const windows = {
  name: 'windows',
  shows: true,
  load: async () => (await import('./windows.ts')).reader,
} as const satisfies Strategy;

export const calendar = {
  name: 'calendar',
  shows: true,
  load: async () => (await import('./calendar.ts')).reader,
} as const satisfies Strategy;

export const looks: Strategy = { name: 'looks', load: async () => (await import('./looks.ts')).reader };

export const contents: Strategy = {
  name: 'contents',
  isAfterwards: true,
  load: async () => (await import('./contents.ts')).reader,
};

/** Those that are chosen among: contents are read in one way. */
export const strategyNames: readonly StrategyName[] = [snapshot, exported, recent, delta, full, windows].map(
  ({ name }): StrategyName => name,
);
