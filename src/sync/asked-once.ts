import type { GraphClient, GraphStats, Page, PageRequest } from '../graph/types.ts';

interface Route {
  /** Routes that list what it is below. */
  readonly above: readonly string[];
  /** Ends with the first answer: until then nobody else asks. */
  first: Promise<void> | undefined;
  isGranted: boolean;
  /** Why it is not asked any more. */
  refusal: unknown;
}

export interface AskedOnceOptions {
  readonly graph: GraphClient;
  /** Route templates that the application may not be allowed to ask, each with those that list what it is below. */
  readonly routes: ReadonlyMap<string, readonly string[]>;
  /** True for a refusal that every other request of the route would meet. */
  readonly isForAll: (error: unknown) => boolean;
}

/**
 * A Graph client that asks some routes once before it asks them many times. When the first answer is a refusal that holds
 * for the whole application, whoever asks later, or asks for what is below, is told the same without a request.
 */
export class AskedOnce implements GraphClient {
  readonly #options: AskedOnceOptions;
  readonly #routes: ReadonlyMap<string, Route>;

  constructor(options: AskedOnceOptions) {
    this.#options = options;
    this.#routes = new Map(
      [...options.routes].map(([route, above]) => [
        route,
        { above, first: undefined, isGranted: false, refusal: undefined },
      ]),
    );
  }

  get stats(): GraphStats {
    return this.#options.graph.stats;
  }

  /** True: some page of the route came. */
  isGranted(route: string): boolean {
    return this.#routes.get(route)?.isGranted ?? false;
  }

  /** Why it is not asked any more; undefined: it is. */
  refusalOf(route: string): unknown {
    return this.#routes.get(route)?.refusal;
  }

  async page(request: PageRequest, signal?: AbortSignal): Promise<Page> {
    const route = this.#routes.get(request.route);
    if (route === undefined) return this.#options.graph.page(request, signal);
    this.#throwRefusal(route);
    if (route.first === undefined) {
      const asked = this.#ask(route, request, signal);
      route.first = asked.then(
        () => undefined,
        () => undefined,
      );
      return asked;
    }
    await route.first;
    this.#throwRefusal(route);
    return this.#ask(route, request, signal);
  }

  /** What rows name was read by somebody: it is asked for as often as it is named. */
  async file(...args: Parameters<GraphClient['file']>): Promise<void> {
    await this.#options.graph.file(...args);
    const route = this.#routes.get(args[0].route);
    if (route) route.isGranted = true;
  }

  permissions(signal?: AbortSignal): Promise<ReadonlySet<string>> {
    return this.#options.graph.permissions(signal);
  }

  close(): Promise<void> {
    return this.#options.graph.close();
  }

  #throwRefusal(route: Route): void {
    const known = route.above.flatMap((above) => this.#routes.get(above) ?? []);
    const refused = [...known, route].find(({ refusal }) => refusal !== undefined);
    if (refused) throw refused.refusal;
  }

  async #ask(route: Route, request: PageRequest, signal: AbortSignal | undefined): Promise<Page> {
    const { graph, isForAll } = this.#options;
    try {
      const page = await graph.page(request, signal);
      route.isGranted = true;
      return page;
    } catch (error) {
      if (!route.isGranted && isForAll(error)) route.refusal = error;
      throw error;
    }
  }
}
