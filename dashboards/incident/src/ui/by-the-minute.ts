import type { EChartsCoreOption } from 'echarts/core';
import type { Ink } from './chart';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });

/** Axes of counts, minute by minute; every `labelEvery`th minute is written out. */
export const minuteAxes = (ink: Ink, at: readonly string[], labelEvery: number): EChartsCoreOption => ({
  grid: { left: 4, right: 6, top: 8, bottom: 2, containLabel: true },
  xAxis: {
    type: 'category',
    data: at.map((time) => clock.format(new Date(time))),
    axisLine: { lineStyle: { color: ink.line } },
    axisTick: { show: false },
    axisLabel: { color: ink.dim, fontSize: 11, interval: labelEvery - 1 },
  },
  yAxis: {
    type: 'value',
    minInterval: 1,
    splitNumber: 3,
    axisLabel: { color: ink.dim, fontSize: 11 },
    splitLine: { lineStyle: { color: ink.line } },
  },
  tooltip: { trigger: 'axis' },
});

/** Events a minute, as a line over its shade. */
export const eventLine = (ink: Ink, events: readonly number[]): EChartsCoreOption => ({
  name: 'Events a minute',
  type: 'line',
  data: events,
  showSymbol: false,
  lineStyle: { color: ink.accent, width: 1.6 },
  itemStyle: { color: ink.accent },
  areaStyle: { color: ink.accent, opacity: 0.14 },
});
