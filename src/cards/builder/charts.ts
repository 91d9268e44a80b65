import type { Properties } from '../catalogue/catalogue.ts';
import { make } from './node.ts';

type Rest<N extends Parameters<typeof make>[0], K extends string> = Omit<Properties<N>, K>;

export const donutChart = (data: Properties<'Chart.Donut'>['data'], options: Rest<'Chart.Donut', 'data'> = {}) =>
  make('Chart.Donut', { ...options, data });
export const pieChart = (data: Properties<'Chart.Pie'>['data'], options: Rest<'Chart.Pie', 'data'> = {}) =>
  make('Chart.Pie', { ...options, data });
export const lineChart = (data: Properties<'Chart.Line'>['data'], options: Rest<'Chart.Line', 'data'> = {}) =>
  make('Chart.Line', { ...options, data });
export const verticalBarChart = (
  data: Properties<'Chart.VerticalBar'>['data'],
  options: Rest<'Chart.VerticalBar', 'data'> = {},
) => make('Chart.VerticalBar', { ...options, data });
export const groupedBarChart = (
  data: Properties<'Chart.VerticalBar.Grouped'>['data'],
  options: Rest<'Chart.VerticalBar.Grouped', 'data'> = {},
) => make('Chart.VerticalBar.Grouped', { ...options, data });
export const horizontalBarChart = (
  data: Properties<'Chart.HorizontalBar'>['data'],
  options: Rest<'Chart.HorizontalBar', 'data'> = {},
) => make('Chart.HorizontalBar', { ...options, data });
export const stackedBarChart = (
  data: Properties<'Chart.HorizontalBar.Stacked'>['data'],
  options: Rest<'Chart.HorizontalBar.Stacked', 'data'> = {},
) => make('Chart.HorizontalBar.Stacked', { ...options, data });
export const gaugeChart = (value: number, options: Rest<'Chart.Gauge', 'value'> = {}) =>
  make('Chart.Gauge', { ...options, value });
