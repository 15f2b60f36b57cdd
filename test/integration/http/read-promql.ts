export interface PromQl {
  /** Names of the series that it reads. */
  readonly metrics: readonly string[];
  /** Labels that it groups by. */
  readonly labels: readonly string[];
  /** Positive matches in braces. */
  readonly selectors: readonly { readonly metric: string; readonly label: string; readonly value: string }[];
}

const WORDS = new Set(['by', 'without', 'on', 'ignoring', 'and', 'or', 'unless', 'bool', 'offset']);

/** What an expression refers to. Enough of PromQL for this project's boards and rules; it is no parser. */
export function readPromQl(expression: string): PromQl {
  const labels: string[] = [];
  const selectors: PromQl['selectors'][number][] = [];
  const bare = expression
    .replace(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g, (_whole, metric: string, inside: string) => {
      for (const [, label = '', operator = '', value = ''] of inside.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)) {
        const values = operator.endsWith('~') ? value.split('|') : [value];
        selectors.push(...values.map((one) => ({ metric, label, value: one })));
      }
      return metric;
    })
    .replace(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g, (_whole, inside: string) => {
      labels.push(...inside.split(',').map((label) => label.trim()));
      return ' ';
    })
    .replace(/\[[^\]]*\]/g, ' ');
  const names = [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\s*\()\b(?!\s*\()/g)].map(([name]) => name);
  return { metrics: [...new Set(names.filter((name) => !WORDS.has(name)))], labels, selectors };
}
