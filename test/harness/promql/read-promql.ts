import { parser } from '@prometheus-io/lezer-promql';

/** A node of an expression's tree, by the names of Prometheus' own grammar. */
export interface PromQlNode {
  readonly name: string;
  readonly text: string;
  readonly children: readonly PromQlNode[];
}

export class PromQlError extends Error {}

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** The tree below `PromQL`; throws at what Prometheus would not parse. */
export function parsePromQl(expression: string): PromQlNode {
  const build = (node: SyntaxNode): PromQlNode => {
    const text = expression.slice(node.from, node.to);
    if (node.type.isError) throw new PromQlError(`${expression}: no PromQL at ${node.from} (${text})`);
    const children: PromQlNode[] = [];
    for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(build(child));
    return { name: node.name, text, children };
  };
  const [root, ...others] = build(parser.parse(expression).topNode).children;
  if (root === undefined || others.length > 0) throw new PromQlError(`${expression}: not one expression`);
  return root;
}

/** The nodes of this name in a tree, however deep. */
export function findAll(node: PromQlNode, name: string): PromQlNode[] {
  return [...(node.name === name ? [node] : []), ...node.children.flatMap((child) => findAll(child, name))];
}

export interface Matcher {
  readonly label: string;
  readonly op: string;
  readonly value: string;
}

export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

const childText = (node: PromQlNode, name: string): string => findAll(node, name)[0]?.text ?? '';

export function selectorOf(node: PromQlNode): Selector {
  return {
    metric: childText(node, 'Identifier'),
    matchers: findAll(node, 'UnquotedLabelMatcher').map((matcher) => ({
      label: childText(matcher, 'LabelName'),
      op: childText(matcher, 'MatchOp'),
      value: childText(matcher, 'StringLiteral').slice(1, -1),
    })),
  };
}

export interface PromQl {
  readonly selectors: readonly Selector[];
  /** Labels that it groups or joins by. */
  readonly labels: readonly string[];
}

/** What an expression refers to. */
export function readPromQl(expression: string): PromQl {
  const root = parsePromQl(expression);
  return {
    selectors: findAll(root, 'VectorSelector').map(selectorOf),
    labels: findAll(root, 'GroupingLabels').flatMap((node) => findAll(node, 'LabelName').map(({ text }) => text)),
  };
}
