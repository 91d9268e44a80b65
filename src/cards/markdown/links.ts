/**
 * Every target a Markdown reader could make a link of: inline links, reference definitions, angle brackets. Linear.
 *
 * Source: https://spec.commonmark.org/0.31.2/#links
 */
export function markdownLinks(text: string): readonly string[] {
  if (!/[\]<]/.test(text)) return [];
  const inline = [...text.matchAll(/\]\([ \t\n]{0,3}<?([^)\s>]*)/g)].map(([, target]) => target!);
  const definitions = [...text.matchAll(/^[ \t]{0,3}\[[^\]\n]+\]:[ \t]{0,3}<?([^\s>]+)/gm)].map(
    ([, target]) => target!,
  );
  const angles = [...text.matchAll(/<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*)>/gi)].map(([, target]) => target!);
  return [...new Set([...inline, ...definitions, ...angles])].filter((target) => target !== '');
}
