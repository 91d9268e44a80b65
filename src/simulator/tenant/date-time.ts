/**
 * Epoch milliseconds in Graph's form: UTC with one to three fraction digits, trailing zeros left out.
 * https://learn.microsoft.com/graph/api/resources/chatmessage shows all three.
 */
export function graphDateTime(ms: number): string {
  const text = new Date(ms).toISOString();
  if (text.charCodeAt(22) !== ZERO) return text;
  return `${text.slice(0, text.charCodeAt(21) === ZERO ? 21 : 22)}Z`;
}

const ZERO = 48;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)$/;

/** Epoch milliseconds of a Graph DateTimeOffset; undefined when the text is none. */
export function parseDateTime(text: string): number | undefined {
  if (!DATE_TIME.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
