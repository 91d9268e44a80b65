/** One endpoint as the documentation gives it. */
export interface Endpoint {
  /** Route template below the version root. */
  readonly route: string;
  /** Query string without `?`, as the endpoint accepts it. */
  readonly query?: string | undefined;
  /** Application permissions, least first; any one is enough. */
  readonly permissions: readonly string[];
  /** What does for one team or chat, by installing the app in it: resource-specific consent. */
  readonly resourceSpecific?: string | undefined;
  /** Records a full page holds. */
  readonly pageSize?: number | undefined;
  /** Documentation page. */
  readonly source: string;
}

/** Names of the ids that a route template takes, in order. */
export const parametersOf = (route: string): readonly string[] =>
  [...route.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name!);

/** Fills the parameters of a route template; ids are encoded. */
export function expandRoute(
  endpoint: Pick<Endpoint, 'route' | 'query'>,
  ids: Readonly<Record<string, string>>,
): string {
  const path = endpoint.route.replace(/\{([a-z-]+)\}/g, (_, name: string) => {
    const id = ids[name];
    if (id === undefined) throw new TypeError(`${endpoint.route} needs ${name}`);
    return encodeURIComponent(id);
  });
  return endpoint.query ? `${path}?${endpoint.query}` : path;
}
