import type { EChartsCoreOption } from 'echarts/core';
import { useCallback } from 'react';
import type { Now } from '../api/types';
import { Chart, type Ink } from '../ui/chart';
import { Panel } from '../ui/panel';

const axis = (ink: Ink, at: readonly string[]): EChartsCoreOption => ({
  grid: { left: 4, right: 6, top: 8, bottom: 2, containLabel: true },
  xAxis: {
    type: 'category',
    data: at.map((time) =>
      new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false }).format(new Date(time)),
    ),
    axisLine: { lineStyle: { color: ink.line } },
    axisTick: { show: false },
    axisLabel: { color: ink.dim, fontSize: 11, interval: 14 },
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

const compact = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** Is it working: what came in and what was raised, minute by minute. */
export function Rates({ rates }: { rates: Now['rates'] }) {
  const { series } = rates;
  const events = useCallback(
    (ink: Ink): EChartsCoreOption => ({
      ...axis(
        ink,
        series.map(({ at }) => at),
      ),
      series: [
        {
          name: 'Events a minute',
          type: 'line',
          data: series.map((point) => point.events),
          showSymbol: false,
          lineStyle: { color: ink.accent, width: 1.6 },
          itemStyle: { color: ink.accent },
          areaStyle: { color: ink.accent, opacity: 0.14 },
        },
      ],
    }),
    [series],
  );
  const alerts = useCallback(
    (ink: Ink): EChartsCoreOption => ({
      ...axis(
        ink,
        series.map(({ at }) => at),
      ),
      series: [
        {
          name: 'Alerts a minute',
          type: 'bar',
          data: series.map((point) => point.alerts),
          itemStyle: { color: ink.warm, borderRadius: [2, 2, 0, 0] },
        },
      ],
    }),
    [series],
  );
  const most = Math.max(0, ...series.map((point) => point.events));
  return (
    <div className="sw-charts">
      <Panel title="Events">
        <div className="sw-figure">
          <b>{compact.format(rates.eventsPerSecond)}</b>
          <span className="sw-dim">a second now</span>
        </div>
        <Chart
          label={`Events a minute over the last hour, at most ${compact.format(most)}`}
          height={132}
          option={events}
        />
      </Panel>
      <Panel title="Alerts">
        <div className="sw-figure">
          <b>{compact.format(rates.alertsPerHour)}</b>
          <span className="sw-dim">in the last hour</span>
        </div>
        <Chart
          label={`Alerts a minute over the last hour, ${compact.format(rates.alertsPerHour)} in all`}
          height={132}
          option={alerts}
        />
      </Panel>
    </div>
  );
}
