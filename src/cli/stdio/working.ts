import type { Io } from '../io.ts';

/** What a session works on. */
export interface Opened {
  /** Variables as of the environment, by their names: they are stronger than those of the process. */
  readonly settings: Readonly<Record<string, string>>;
  /** A folder of the session in one of the parent: what is written for it goes there, and goes with the session. */
  readonly scratch: string;
}

/** A request while it is worked on. Its io has the settings of the session; nothing goes to standard output. */
export interface Working {
  readonly io: Io;
  readonly opened: Opened;
}
