import type { Activity } from './activities/read-activity.ts';
import type { AnyContext, Context } from './context.ts';
import { botErrors } from './errors.ts';
import { filtersOf, isFilter, type PlainFilter } from './filters.ts';
import type { InvokeBody, InvokeName } from './invokes/invokes.ts';

/** Goes on to what was registered later. */
export type Next = () => Promise<void>;

/** Sees every activity; works before and after what was registered later. */
export type Middleware = (context: AnyContext, next: Next) => Promise<void> | void;

/** Works on what its filter lets through. The chain ends with it unless it calls `next`. What it gives is not looked at. */
export type Handler<Given extends PlainFilter> = (context: Context<Given>, next: Next) => unknown;

/** Answers an invoke: gives the body of the answer. */
export type InvokeHandler<Name extends InvokeName> = (
  context: Context<`invoke:${Name}`>,
  next: Next,
) => InvokeBody<Name> | Promise<InvokeBody<Name>>;

/** A handler as the chain calls it: its filters say what it is called with. */
export type AnyHandler = (context: never, next: Next) => unknown;

/** One activity on its way through the chain. */
export interface Turn {
  readonly activity: Activity;
  readonly context: AnyContext;
  /** What handlers gave, the innermost first. Empty: no handler was for it. */
  readonly results: unknown[];
}

type Step = (turn: Turn, next: Next) => Promise<void>;

/** Middleware and handlers in the order in which they were registered. */
export interface Chain {
  use(middleware: Middleware): void;
  /** @throws SluiceError `bot_filter_unknown` */
  on(filters: readonly string[], handler: AnyHandler): void;
  run(turn: Turn): Promise<void>;
}

/** In the style of https://grammy.dev/guide/middleware */
export function createChain(): Chain {
  const steps: Step[] = [];
  const dispatch = async (turn: Turn, at: number): Promise<void> => {
    const step = steps[at];
    let called = false;
    await step?.(turn, async () => {
      if (called) throw new TypeError('next() was called twice.');
      called = true;
      await dispatch(turn, at + 1);
    });
  };
  return {
    use: (middleware) => {
      steps.push(async ({ context }, next) => middleware(context, next));
    },
    on: (filters, handler) => {
      for (const filter of filters) if (!isFilter(filter)) throw botErrors.bot_filter_unknown({ filter });
      steps.push(async (turn, next) => {
        if (!filtersOf(turn.activity).some((fitting) => filters.some((filter) => filter === fitting))) return next();
        // What the filters let through is what the handler's context says.
        turn.results.push(await handler(turn.context as never, next));
      });
    },
    run: (turn) => dispatch(turn, 0),
  };
}
