/**
 * A path pattern: `{name}` and `*` stand for one segment, `**` for any number of segments, none included;
 * `getPstnCalls({name})` is a function with its arguments. Names compare without regard to case, as Graph's do.
 */
export interface RoutePattern {
  readonly text: string;
  /** Higher is more specific: literal segments count most, `**` least. */
  readonly weight: number;
  /** The named segments (as they stand in the path), or undefined when the path is another. */
  match(segments: readonly string[]): Readonly<Record<string, string>> | undefined;
}

const isNamed = (part: string) => part.startsWith('{') && part.endsWith('}');

/** Splits a path into its segments, still percent-encoded. */
export const pathSegments = (path: string): string[] => path.split('/').filter((part) => part !== '');

export function routePattern(text: string): RoutePattern {
  const parts = pathSegments(text);
  const weight = parts.reduce((sum, part) => sum + (part === '**' ? -1 : part === '*' || isNamed(part) ? 2 : 3), 0);
  return { text, weight, match: (segments) => matchFrom(parts, segments, 0, 0, {}) };
}

function matchFrom(
  parts: readonly string[],
  segments: readonly string[],
  part: number,
  segment: number,
  named: Record<string, string>,
): Record<string, string> | undefined {
  const pattern = parts[part];
  if (pattern === undefined) return segment === segments.length ? named : undefined;
  if (pattern === '**') {
    for (let next = segment; next <= segments.length; next++) {
      const found = matchFrom(parts, segments, part + 1, next, named);
      if (found) return found;
    }
    return undefined;
  }
  const value = segments[segment];
  if (value === undefined) return undefined;
  if (isNamed(pattern)) {
    return matchFrom(parts, segments, part + 1, segment + 1, {
      ...named,
      [pattern.slice(1, -1)]: decodeSegment(value),
    });
  }
  const [, called, parameter] = FUNCTION.exec(pattern) ?? [];
  if (called !== undefined) {
    const [, name, values] = /^([^(]+)\((.*)\)$/.exec(decodeSegment(value)) ?? [];
    if (name === undefined || plain(name) !== plain(called)) return undefined;
    return matchFrom(parts, segments, part + 1, segment + 1, { ...named, [parameter!]: values! });
  }
  const same = pattern === '*' || plain(pattern) === plain(value);
  return same ? matchFrom(parts, segments, part + 1, segment + 1, named) : undefined;
}

const FUNCTION = /^([^({]+)\(\{([^}]+)\}\)$/;

const plain = (segment: string) => decodeSegment(segment).toLowerCase();

/** A segment without its percent-encoding, which clients apply as they like: `19%3Ax` and `19:x` are one channel. */
export function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
