/** Turns that are under way or were answered: a repeat gets the same answer, and no handler a second time. */
export interface RecentTurns<Answer> {
  /** @param isFinal - whether a repeat gets this answer too; else it is worked on again */
  once(
    key: string,
    work: () => Promise<Answer>,
    isFinal: (answer: Answer) => boolean,
  ): { readonly answer: Promise<Answer>; readonly repeated: boolean };
}

/** Remembers so many turns of this process, the newest. */
export function createRecentTurns<Answer>(limit: number): RecentTurns<Answer> {
  const turns = new Map<string, Promise<Answer>>();
  const forgetOldest = () => {
    for (const key of turns.keys()) {
      if (turns.size <= limit) return;
      turns.delete(key);
    }
  };
  return {
    once: (key, work, isFinal) => {
      const known = turns.get(key);
      if (known) return { answer: known, repeated: true };
      const answer = work();
      turns.set(key, answer);
      forgetOldest();
      const forget = () => {
        if (turns.get(key) === answer) turns.delete(key);
      };
      answer.then((given) => {
        if (!isFinal(given)) forget();
      }, forget);
      return { answer, repeated: false };
    },
  };
}
