import { guard } from '../checks/guard.ts';
import { WORKFLOW } from '../host-profile.ts';
import type { CardView } from '../markdown/lines.ts';
import { cardInvalid } from '../validate.ts';
import type { DrawnNode } from './drawn-node.ts';
import { readTexts } from './read-texts.ts';

/** A text property, or an empty string. */
export function textOf(node: DrawnNode, key: string): string {
  const value = node[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export function numberOf(node: DrawnNode, key: string, otherwise: number): number {
  const value = node[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

/** The objects of a list property; strings become text runs, as in a RichTextBlock. */
export function nodesOf(node: DrawnNode, key: string): readonly DrawnNode[] {
  const value = node[key];
  if (!Array.isArray(value)) return [];
  return value.flatMap((item): DrawnNode[] => {
    if (typeof item === 'string') return [{ text: item }];
    return typeof item === 'object' && item !== null && !Array.isArray(item) ? [item] : [];
  });
}

export function nodeOf(node: DrawnNode, key: string): DrawnNode | undefined {
  return nodesOf({ list: [node[key]] }, 'list')[0];
}

/** Filled part of a whole, 0 to 1. */
export function share(value: number, max: number): number {
  return max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
}

/**
 * The card as a client has read it.
 *
 * @throws SluiceError `card_invalid` for a value too deep, too large or too strange to be drawn
 */
export function drawable(card: unknown, view: CardView): DrawnNode {
  const faults = guard(card);
  if (faults.length > 0) throw cardInvalid(faults, WORKFLOW);
  return readTexts(nodesOf({ list: [card] }, 'list')[0] ?? {}, view);
}

/** A bar or slice of any chart. */
export interface ChartValue {
  readonly label: string;
  readonly value: number;
}

/** The numbers of any chart, in one form. */
export function chartValues(chart: DrawnNode): readonly ChartValue[] {
  if (chart['type'] === 'Chart.Gauge')
    return [{ label: textOf(chart, 'subLabel'), value: numberOf(chart, 'value', 0) }];
  return nodesOf(chart, 'data').flatMap((entry) => {
    const inner = [...nodesOf(entry, 'values'), ...nodesOf(entry, 'data')];
    const series = textOf(entry, 'legend') || textOf(entry, 'title');
    if (inner.length === 0) return [chartValue(entry, textOf(entry, 'x') || series)];
    return inner.map((point) =>
      chartValue(point, [series, textOf(point, 'x') || textOf(point, 'legend')].filter(Boolean).join(' ')),
    );
  });
}

function chartValue(entry: DrawnNode, label: string): ChartValue {
  return { label, value: numberOf(entry, 'y', numberOf(entry, 'value', 0)) };
}
