import { explainSample } from '../../../../src/correlate/alerts/alert-explanation.js';
import { PLATFORM_RULES } from '../../../../src/detect/platform-rules.js';
import { readRuleFiles, SHIPPED_RULES } from '../../../../src/detect/rule-files.js';
import { load, type Loaded } from '../../../../src/sigma/index.js';
import { accessLine } from '../../../integration/pipeline/records.js';

describe('what a record matched', () => {
  let loaded: Loaded;
  beforeAll(async () => {
    loaded = load([PLATFORM_RULES, ...(await readRuleFiles([SHIPPED_RULES])).files]);
  });

  const explain = (ruleName: string, raw: string): string | undefined => {
    const named = [...loaded.rules, ...loaded.correlations].find(({ name }) => name === ruleName);
    const place = { topic: 'silo.acme.access', partition: 0, offset: 0, sha256: '', timeMs: Date.now() };
    return explainSample(loaded, { ...place, raw, rule: named?.id ?? '' });
  };
  const attack = accessLine(new Date(), '/?q=%27%20union%20select%201--', '192.0.2.7', 404);

  it('is told by the values of the rule', () => {
    expect(explain('sql_injection', attack)).toMatch(/^SQL injection.* matched by .*union select/);
  });

  it('is told by the attack where a correlation within the event was found, not by its answer', () => {
    expect(explain('attack_refused', attack)).toBe(explain('sql_injection', attack));
  });

  it('is not told of a record that matches none of them any more, nor of one that cannot be read', () => {
    expect(explain('attack_refused', accessLine(new Date(), '/', '192.0.2.7', 200))).toBeUndefined();
    expect(explain('attack_refused', '')).toBeUndefined();
    expect(explain('no_such_rule', attack)).toBeUndefined();
  });
});
