/** From this many literals on, one walk over a text is quicker than seeking each, however short the text. */
export const WALKED_LITERALS = 64;

/**
 * Whether a text holds any of the literals, in one walk over it: they are filed under their first two code units. Seeking one after the other
 * would let a long text cost as many passes as the list has entries.
 */
export function holdsAny(literals: readonly string[]): (text: string) => boolean {
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
