import type { EChartsCoreOption } from 'echarts/core';
import { useCallback } from 'react';
import type { Now } from '../api/types';
import { eventLine, minuteAxes } from '../ui/by-the-minute';
import { Chart, type Ink } from '../ui/chart';
import { Panel } from '../ui/panel';

const compact = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** Is it working: what came in and what was raised, minute by minute. */
export function Rates({ rates }: { rates: Now['rates'] }) {
  const { series } = rates;
  const events = useCallback(
    (ink: Ink): EChartsCoreOption => ({
      ...minuteAxes(
        ink,
        series.map(({ at }) => at),
        15,
      ),
      series: [
        eventLine(
          ink,
          series.map((point) => point.events),
        ),
      ],
    }),
    [series],
  );
  const alerts = useCallback(
    (ink: Ink): EChartsCoreOption => ({
      ...minuteAxes(
        ink,
        series.map(({ at }) => at),
        15,
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
