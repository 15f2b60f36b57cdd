import { type Resolved } from '../condition/condition.js';
import { type DetectionText } from '../parse/detection.js';
import { contradictionIn, isWayWithin, joined, type Way, waysOf, waysOfDetection, waysOfParts } from './way.js';

/** A remark about one rule; `at` is an offset in its file. */
export interface Remark {
  readonly code: string;
  readonly message: string;
  readonly at: number;
}

/** Says whether a rule with the filters over it can never match, and which of its selections can change nothing. */
export function reachOf(own: DetectionText, parts: readonly DetectionText[], at: number): readonly Remark[] {
  const whole = waysOfParts(parts);
  if (whole === undefined) return [];
  const [first] = whole;
  const reason = first === undefined ? undefined : contradictionIn(first);
  if (whole.every((way) => contradictionIn(way) !== undefined)) {
    const because = reason === undefined ? '' : `: ${reason}`;
    return [{ code: 'RULE_NEVER_MATCHES', at, message: `the rule can never match${because}` }];
  }
  const ways = waysOf(own.condition, true, own.selections) ?? [];
  return [...own.selections.keys()].flatMap((name) => remarkOn(name, own, ways) ?? []);
}

function remarkOn(name: string, own: DetectionText, ways: readonly Way[]): Remark | undefined {
  const at = own.selections.get(name)?.at ?? 0;
  const asking = ways.filter(({ selections }) => selections.has(name));
  if (asking.length === 0) return remarkOnRefused(name, own, ways, at);
  const open = asking.filter((way) => contradictionIn(way) === undefined);
  const [closed] = asking;
  if (open.length === 0 && closed !== undefined) {
    const message = `the selection '${name}' can never hold where the condition asks for it: ${contradictionIn(closed) ?? ''}`;
    return { code: 'SELECTION_UNREACHABLE', at, message };
  }
  const others = ways.filter(({ selections }) => !selections.has(name));
  if (others.length === 0 || !open.every((way) => others.some((other) => isWayWithin(way, other)))) return undefined;
  const message = `the selection '${name}' adds nothing: what it finds the condition finds without it`;
  return { code: 'SELECTION_REDUNDANT', at, message };
}

/** A selection that is only ever excluded: whether what the condition asks for can meet it at all. */
function remarkOnRefused(name: string, own: DetectionText, ways: readonly Way[], at: number): Remark | undefined {
  const detection = own.selections.get(name);
  const meeting = detection === undefined ? undefined : waysOfDetection(detection);
  if (detection === undefined || meeting === undefined || !isNamed(own.condition, name)) return undefined;
  const refusing = ways.filter(({ refused }) => refused.includes(detection));
  const met = refusing.flatMap((way) => {
    const rest = { ...way, refused: way.refused.filter((other) => other !== detection) };
    return meeting.map((each) => joined(rest, each));
  });
  if (met.length === 0 || met.some((way) => contradictionIn(way) === undefined)) return undefined;
  const message = `the selection '${name}' excludes nothing: no event meets it and the rest of the condition`;
  return { code: 'SELECTION_UNREACHABLE', at, message };
}

function isNamed(condition: Resolved, name: string): boolean {
  if (condition.kind === 'selection') return condition.name === name;
  if (condition.kind === 'not') return isNamed(condition.operand, name);
  return condition.operands.some((operand) => isNamed(operand, name));
}
