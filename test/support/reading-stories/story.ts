/** A case of the issue, played end to end. */
export interface Story {
  /** What must come out. */
  readonly expected: string;
  /** Lines of its file that belong to it. */
  readonly lines: number;
  /** Throws when it does not come out. */
  // biome-ignore lint/suspicious/noExplicitAny: each file of cases has a shape of its own
  readonly play: (lines: any[]) => Promise<void>;
}
