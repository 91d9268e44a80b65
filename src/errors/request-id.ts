/**
 * The service's id of a request, for its support. What is no id is left out: a gateway may write anything.
 *
 * @see https://learn.microsoft.com/en-us/graph/best-practices-concept#reliability-and-support
 */
export function requestIdOf(headers: Readonly<Record<string, string | undefined>>): string | undefined {
  const id = headers['request-id'];
  return id !== undefined && /^[\w-]{1,64}$/.test(id) ? id : undefined;
}
