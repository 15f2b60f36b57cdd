import { checkRules } from '../../../src/cli/rule-lint.js';
import { readRuleFiles, SHIPPED_RULES } from '../../../src/cli/rule-files.js';
import { runTestsBeside } from '../../../src/cli/rule-tests.js';
import { load } from '../../../src/sigma/index.js';

const { files } = await readRuleFiles([SHIPPED_RULES]);
const rules = load(files);

describe('the shipped rules', () => {
  it('pass the lint without a warning', async () => {
    expect((await checkRules([SHIPPED_RULES])).findings).toEqual([]);
  });

  it.each(files.map(({ path }) => path.slice(SHIPPED_RULES.length + 1)))(
    '%s finds and ignores what its tests say',
    async (name) => {
      const file = files.find(({ path }) => path.endsWith(`/${name}`));
      const results = (await runTestsBeside(file?.path ?? '', rules)) ?? [];
      expect(results.filter(({ isPassed }) => !isPassed)).toEqual([]);
    },
  );

  it('say of everything that alerts what a responder does first and which promise is at stake', () => {
    const silent = [...rules.rules, ...rules.correlations]
      .filter(({ alertsAlone }) => alertsAlone)
      .filter(({ silowatch }) => silowatch.respond === undefined || silowatch.promise.length === 0)
      .map(({ title }) => title);
    expect(silent).toEqual([]);
  });
});
