import type { EChartsCoreOption } from 'echarts/core';
import { useCallback, useMemo } from 'react';
import type { Alert } from '../api/types';
import { Chart, type Ink } from '../ui/chart';
import { visible } from '../ui/visible';

const MAX_NODES = 40;
const MAX_NAME = 26;
const CROWD = 14;

const short = (text: string): string => {
  const shown = visible(text.slice(0, 200)).join('');
  return shown.length > MAX_NAME ? `${shown.slice(0, MAX_NAME)}…` : shown;
};

interface Drawing {
  nodes: { id: string; name: string; kind: string; weight: number }[];
  edges: { source: string; target: string; weight: number }[];
}

/** Silos and the entities their alerts name; what one alert names together is joined. */
function drawingOf(alerts: readonly Alert[]): Drawing {
  const nodes = new Map<string, Drawing['nodes'][number]>();
  const edges = new Map<string, Drawing['edges'][number]>();
  const meet = (kind: string, value: string): string => {
    const id = `${kind}\n${value}`;
    const node = nodes.get(id);
    if (node !== undefined) node.weight += 1;
    else if (nodes.size < MAX_NODES) nodes.set(id, { id, name: short(value), kind, weight: 1 });
    return id;
  };
  const join = (source: string, target: string): void => {
    if (!nodes.has(source) || !nodes.has(target) || source === target) return;
    const key = [source, target].sort().join('\n\n');
    const edge = edges.get(key);
    if (edge !== undefined) edge.weight += 1;
    else edges.set(key, { source, target, weight: 1 });
  };
  for (const alert of alerts) {
    const silo = meet('silo', alert.tenant);
    const ids = alert.entities.map((entity) => meet(entity.kind, entity.value));
    ids.forEach((id, i) => {
      join(silo, id);
      const next = ids[i + 1];
      if (next !== undefined) join(id, next);
    });
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

const colourOf = (kind: string, ink: Ink): string => {
  if (kind === 'silo') return ink.accent;
  if (kind === 'ip') return ink.warm;
  return kind === 'user' ? ink.good : ink.cool;
};

/** Who touched what, drawn; the table below says the same in words. */
export function ActorGraph({ alerts }: { alerts: readonly Alert[] }) {
  const drawing = useMemo(() => drawingOf(alerts), [alerts]);
  const isCrowded = drawing.nodes.length > CROWD;
  const option = useCallback(
    (ink: Ink): EChartsCoreOption => ({
      tooltip: {},
      series: [
        {
          type: 'graph',
          layout: 'force',
          force: { repulsion: 260, edgeLength: [60, 120], gravity: 0.1, layoutAnimation: false },
          roam: false,
          draggable: true,
          label: { show: !isCrowded, position: 'bottom', color: ink.text, fontSize: 11 },
          lineStyle: { color: ink.dim, opacity: 0.45, width: 1.2 },
          emphasis: { focus: 'adjacency' },
          data: drawing.nodes.map((node) => ({
            id: node.id,
            name: node.name,
            value: node.kind,
            symbol: node.kind === 'silo' ? 'roundRect' : 'circle',
            // In a crowd only silos and those that several alerts name are labelled; the others on hover, and in the table.
            ...(isCrowded && (node.kind === 'silo' || node.weight > 1) ? { label: { show: true } } : {}),
            symbolSize: Math.min(34, 13 + node.weight * 3),
            itemStyle: { color: colourOf(node.kind, ink) },
          })),
          edges: drawing.edges.map(({ source, target }) => ({ source, target })),
        },
      ],
    }),
    [drawing, isCrowded],
  );
  return (
    <Chart
      label={`${drawing.nodes.length} actors, addresses, sessions and silos and how they are joined; listed below`}
      height={290}
      option={option}
    />
  );
}
