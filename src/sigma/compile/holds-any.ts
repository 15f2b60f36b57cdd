/** So many literals are sought by one expression; the platform refuses expressions that grow far beyond. */
export const MOST_ALTERNATIVES = 256;

/**
 * Whether a text holds any of the literals. An expression that is nothing but alternatives is sought by the platform
 * several to sixty times quicker than one literal after the other, and in time at most text × literals, since it has
 * nothing to take back. It is made when a text first comes: most rules never see one.
 */
export function holdsAny(literals: readonly string[]): (text: string) => boolean {
  const [only] = literals;
  if (only === undefined) return () => false;
  if (literals.length === 1) return (text) => text.includes(only);
  if (literals.length > MOST_ALTERNATIVES) return holdsAnyOfMany(literals);
  let sought: RegExp | undefined;
  return (text) => (sought ??= new RegExp(literals.map(escaped).join('|'))).test(text);
}

/** By code units, as texts are compared everywhere else. */
const escaped = (literal: string): string =>
  literal.replace(/\W/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * In one walk over the text: literals are filed under their first two code units. Seeking one after the other would let
 * a long text cost as many passes as the list has entries.
 */
function holdsAnyOfMany(literals: readonly string[]): (text: string) => boolean {
  const single = new Set(literals.filter(({ length }) => length === 1).map((literal) => literal.charCodeAt(0)));
  const longer = Map.groupBy(new Set(literals.filter(({ length }) => length > 1)), (literal) =>
    keyOf(literal.charCodeAt(0), literal.charCodeAt(1)),
  );
  return (text) => {
    let unit = text.charCodeAt(0);
    for (let at = 0; at < text.length; at++) {
      const next = text.charCodeAt(at + 1);
      if (single.has(unit)) return true;
      const filed = longer.get(keyOf(unit, next));
      if (filed?.some((literal) => text.startsWith(literal, at)) === true) return true;
      unit = next;
    }
    return false;
  };
}

const keyOf = (first: number, second: number): number => (first << 16) | second;
