const unitMs = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

const syntax = /^(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/;

/**
 * Milliseconds of a duration such as `30s`, `5m`, `1h30m` or `0s`; undefined when it is not one.
 *
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/ (`<duration>`)
 */
export function parseDuration(text: string): number | undefined {
  const parts = text === '' ? null : syntax.exec(text);
  if (!parts) return undefined;
  return Object.values(unitMs).reduce((sum, ms, index) => sum + Number(parts[index + 1] ?? 0) * ms, 0);
}
