import { boolean, either, list, type NodeType, node, number, oneOf, required, string } from './rules.ts';
import { element, horizontal } from './shared-properties.ts';

const chart = { ...element, title: string, colorSet: string, horizontalAlignment: horizontal } as const;
const axes = { ...chart, xAxisTitle: string, yAxisTitle: string, color: string } as const;

/** Teams' charts. Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards */
export const CHARTS = {
  'Chart.Donut': { group: 'element', since: 'teams', properties: { ...chart, data: required(list(node('Slice'))) } },
  'Chart.Pie': { group: 'element', since: 'teams', properties: { ...chart, data: required(list(node('Slice'))) } },
  'Chart.Line': { group: 'element', since: 'teams', properties: { ...axes, data: required(list(node('Series'))) } },
  'Chart.VerticalBar': {
    group: 'element',
    since: 'teams',
    properties: { ...axes, data: required(list(node('Point'))), showBarValues: boolean },
  },
  'Chart.VerticalBar.Grouped': {
    group: 'element',
    since: 'teams',
    properties: { ...axes, data: required(list(node('Series'))), stacked: boolean, showBarValues: boolean },
  },
  'Chart.HorizontalBar': {
    group: 'element',
    since: 'teams',
    properties: {
      ...axes,
      data: required(list(node('Point'))),
      displayMode: oneOf('AbsoluteWithAxis', 'AbsoluteNoAxis', 'PartToWhole'),
    },
  },
  'Chart.HorizontalBar.Stacked': {
    group: 'element',
    since: 'teams',
    properties: { ...axes, data: required(list(node('StackedBar'))) },
  },
  'Chart.Gauge': {
    group: 'element',
    since: 'teams',
    properties: {
      ...chart,
      value: required(number),
      min: number,
      max: number,
      subLabel: string,
      showMinMax: boolean,
      showLegend: boolean,
      segments: list(node('Segment')),
      valueFormat: oneOf('Percentage', 'Fraction'),
    },
  },
  Slice: part({ legend: string, value: required(number), color: string }),
  Point: part({ x: required(either(string, number)), y: required(number), color: string }),
  Series: part({ legend: string, values: required(list(node('Point'))), color: string }),
  StackedBar: part({ title: string, data: required(list(node('Slice'))) }),
  Segment: part({ legend: string, size: required(number), color: string }),
} as const satisfies Record<string, NodeType>;

function part<const P extends NodeType['properties']>(properties: P) {
  return { group: 'part', since: 'teams', typed: false, properties } as const;
}
