import type { Command } from 'commander';
import type { ExitCode, Io } from './io.ts';

/** What the list of commands says of one, and where it is. */
export interface CommandEntry {
  readonly summary: string;
  /** Loads it, with the libraries that it works with. */
  readonly load: () => Promise<(io: Io, exit: (code: ExitCode) => void) => Command>;
}

/** Every command, in the order of the help. A command is loaded when it is called. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  check: {
    summary: 'test the credentials and permissions',
    load: async () => (await import('./commands/check.ts')).checkCommand,
  },
  ids: {
    summary: 'list teams, channels, chats or users with their ids and names',
    load: async () => (await import('./commands/ids.ts')).idsCommand,
  },
  tables: {
    summary: 'list the tables, or the columns of one',
    load: async () => (await import('./commands/tables.ts')).tablesCommand,
  },
  plan: {
    summary: 'say what a sync would read and how long it takes at least',
    load: async () => (await import('./commands/plan.ts')).planCommand,
  },
  sync: {
    summary: 'read the tenant into the lake',
    load: async () => (await import('./commands/sync.ts')).syncCommand,
  },
  run: {
    summary: 'sync again and again, by one process that stays',
    load: async () => (await import('./commands/run.ts')).runCommand,
  },
  attendance: {
    summary: 'read who attended meetings into the lake, as a nightly job',
    load: async () => (await import('./commands/attendance.ts')).attendanceCommand,
  },
  query: {
    summary: 'ask the lake in SQL',
    load: async () => (await import('./commands/query.ts')).queryCommand,
  },
  status: {
    summary: 'say what a lake holds, how far it was read and what is missing',
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  history: {
    summary: 'list the runs of a lake',
    load: async () => (await import('./commands/history.ts')).historyCommand,
  },
  refresh: {
    summary: 'read tables again from their beginning',
    load: async () => (await import('./commands/refresh.ts')).refreshCommand,
  },
  state: {
    summary: 'show how far each place was read, or let it be read again',
    load: async () => (await import('./commands/state.ts')).stateCommand,
  },
  reset: {
    summary: 'forget how far reading is: the next sync reads from the beginning',
    load: async () => (await import('./commands/reset.ts')).resetCommand,
  },
  compact: {
    summary: 'make many small files few, drop old changes',
    load: async () => (await import('./commands/compact.ts')).compactCommand,
  },
  export: {
    summary: 'write tables as JSON, Parquet or Delta, and keep them up to date',
    load: async () => (await import('./commands/export.ts')).exportCommand,
  },
  fsck: {
    summary: 'find what is missing or damaged in a lake, and mend it',
    load: async () => (await import('./commands/fsck.ts')).fsckCommand,
  },
  send: {
    summary: 'send a text or a card now',
    load: async () => (await import('./commands/send.ts')).sendCommand,
  },
  card: {
    summary: 'check a card and look at it',
    load: async () => (await import('./commands/card.ts')).cardCommand,
  },
  route: {
    summary: 'check the routes and explain them',
    load: async () => (await import('./commands/route.ts')).routeCommand,
  },
  serve: {
    summary: 'take alerts over HTTP and deliver them',
    load: async () => (await import('./commands/serve.ts')).serveCommand,
  },
  outbox: {
    summary: 'look into the outbox and send again',
    load: async () => (await import('./commands/outbox.ts')).outboxCommand,
  },
  bot: {
    summary: 'check the bot, and list where it can speak',
    load: async () => (await import('./commands/bot.ts')).botCommand,
  },
  stdio: {
    summary: 'answer requests of another program, such as Spark',
    load: async () => (await import('./commands/stdio.ts')).stdioCommand,
  },
  simulate: {
    summary: 'serve a simulated tenant',
    load: async () => (await import('./commands/simulate.ts')).simulateCommand,
  },
  demo: {
    summary: 'see it all work, without a tenant',
    load: async () => (await import('./commands/demo.ts')).demoCommand,
  },
};
