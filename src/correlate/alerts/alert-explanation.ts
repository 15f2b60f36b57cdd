import { parseRecord } from '../../ingest/formats/parse-record.js';
import type { Loaded, Rule } from '../../sigma/index.js';
import type { SampleEvent } from './alert.js';

const MAX_VALUE = 200;

/**
 * Which selections held for this record, and by which values: of the rule that it matched or, where a correlation within the event was found,
 * of one of its rules that matched. Undefined when it cannot be said any more.
 */
export function explainSample(loaded: Loaded, sample: SampleEvent): string | undefined {
  const parsed = parseRecord(Buffer.from(sample.raw), { arrivalMs: sample.timeMs });
  if (!parsed.ok) return undefined;
  const { matcher, rules, correlations } = loaded;
  const within = correlations.find(({ id }) => id === sample.rule)?.rules ?? [];
  // What is only there as a condition of others says least.
  const telling = matcher.match(parsed.event).filter(({ id }) => within.includes(id));
  const rule = rules.find(({ id }) => id === sample.rule) ?? telling.find(isMoreThanACondition) ?? telling[0];
  if (rule === undefined) return undefined;
  const { selections } = matcher.explain(rule, parsed.event);
  const texts = selections.map(({ name, fields }) => {
    const values = fields.map(({ field, value }) => `${field} = ${value.slice(0, MAX_VALUE)}`);
    return values.length === 0 ? name : `${name}: ${values.join(', ')}`;
  });
  return texts.length === 0 ? undefined : `${rule.title} matched by ${texts.join('; ')}`;
}

const isMoreThanACondition = ({ level }: Rule): boolean => level !== 'informational';
