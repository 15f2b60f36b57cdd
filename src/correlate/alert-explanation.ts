import { parseRecord } from '../ingest/formats/parse-record.js';
import type { Matcher, Rule } from '../sigma/index.js';
import type { SampleEvent } from './alert.js';

const MAX_VALUE = 200;

/** Which selections of the rule held for this record, and by which values; undefined when it cannot be said any more. */
export function explainSample(matcher: Matcher, rule: Rule, sample: SampleEvent): string | undefined {
  const parsed = parseRecord(Buffer.from(sample.raw), { arrivalMs: sample.timeMs });
  if (!parsed.ok) return undefined;
  const { selections } = matcher.explain(rule, parsed.event);
  const texts = selections.map(({ name, fields }) => {
    const values = fields.map(({ field, value }) => `${field} = ${value.slice(0, MAX_VALUE)}`);
    return values.length === 0 ? name : `${name}: ${values.join(', ')}`;
  });
  return texts.length === 0 ? undefined : `${rule.title} matched by ${texts.join('; ')}`;
}
