import { parseRecord } from '../ingest/formats/parse-record.js';
import type { Loaded } from '../sigma/index.js';
import type { SampleEvent } from './alert.js';

const MAX_VALUE = 200;

/**
 * Which selections held for this record, and by which values: of the rule that it matched or, where a correlation within the event was found,
 * of the first of its rules. Undefined when it cannot be said any more.
 */
export function explainSample({ rules, correlations, matcher }: Loaded, sample: SampleEvent): string | undefined {
  const parsed = parseRecord(Buffer.from(sample.raw), { arrivalMs: sample.timeMs });
  if (!parsed.ok) return undefined;
  const ids = [sample.rule, ...(correlations.find(({ id }) => id === sample.rule)?.rules ?? [])];
  for (const rule of rules.filter(({ id }) => ids.includes(id))) {
    const { selections } = matcher.explain(rule, parsed.event);
    const texts = selections.map(({ name, fields }) => {
      const values = fields.map(({ field, value }) => `${field} = ${value.slice(0, MAX_VALUE)}`);
      return values.length === 0 ? name : `${name}: ${values.join(', ')}`;
    });
    if (texts.length > 0) return `${rule.title} matched by ${texts.join('; ')}`;
  }
  return undefined;
}
