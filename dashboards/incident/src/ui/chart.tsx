import { useMantineColorScheme } from '@mantine/core';
import { BarChart, GraphChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { type ECharts, type EChartsCoreOption, init, use as equip } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';

equip([LineChart, BarChart, GraphChart, GridComponent, TooltipComponent, AriaComponent, CanvasRenderer]);

/** The page's colours, by token, as the scheme has them now. */
export interface Ink {
  readonly text: string;
  readonly dim: string;
  readonly line: string;
  readonly surface: string;
  readonly accent: string;
  readonly warm: string;
  readonly cool: string;
  readonly good: string;
}

const inkOf = (element: Element): Ink => {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: token('--sw-text'),
    dim: token('--sw-dim'),
    line: token('--sw-line'),
    surface: token('--sw-raised'),
    accent: token('--sw-accent'),
    warm: token('--sw-sev2'),
    cool: token('--sw-sev4'),
    good: token('--sw-good'),
  };
};

interface ChartProps {
  /** What it shows, for those who do not see it. */
  label: string;
  height: number;
  option: (ink: Ink) => EChartsCoreOption;
}

/** A drawing on canvas. Tooltips are rich text: ECharts' HTML ones would put strings of events into markup. */
export function Chart({ label, height, option }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const { colorScheme } = useMantineColorScheme();
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    let chart: ECharts | undefined;
    const draw = (): void => {
      // ECharts throws on a graph without width or height, which a folded or hidden place has.
      if (element.clientWidth === 0 || element.clientHeight === 0) return;
      chart ??= init(element, null, { renderer: 'canvas' });
      chart.resize();
      const ink = inkOf(element);
      const tooltip = {
        renderMode: 'richText',
        backgroundColor: ink.surface,
        borderColor: ink.line,
        textStyle: { color: ink.text, fontSize: 12 },
      };
      const given = option(ink);
      chart.setOption({
        animation: false,
        textStyle: { fontFamily: '"IBM Plex Sans Variable", sans-serif' },
        ...given,
        tooltip: { ...tooltip, ...(given['tooltip'] as object | undefined) },
      });
    };
    draw();
    const resizes = new ResizeObserver(draw);
    resizes.observe(element);
    const scheme = new MutationObserver(draw);
    scheme.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] });
    return () => {
      resizes.disconnect();
      scheme.disconnect();
      chart?.dispose();
    };
  }, [option, colorScheme]);
  return <div ref={place} role="img" aria-label={label} style={{ height }} />;
}
