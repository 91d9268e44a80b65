/** What a command may touch of the process. */
export interface Io {
  /** Results. */
  out(text: string): void;
  /** Waits until the reader of the results has taken what was given, so that long results do not pile up. False: nobody reads any more. */
  drained?(): Promise<boolean>;
  /** Progress, notes, errors. */
  err(text: string): void;
  /** All of standard input. */
  read(): Promise<Uint8Array>;
  /** The lines of standard input as they come; absent where there is none. */
  lines?(): AsyncIterable<string>;
  /** Asks the user for one line; absent where nobody could answer. */
  ask?(question: string): Promise<string>;
  /** True when `err` is a terminal that can redraw a line. */
  readonly live: boolean;
  /** Width of the terminal, columns. */
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Has something done when the command has ended, however it did. */
  atEnd?(work: () => Promise<void>): void;
}

/** 0 ok, 1 failed, 2 wrong usage, 3 partial. */
export type ExitCode = 0 | 1 | 2 | 3;
