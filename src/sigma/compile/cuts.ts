import { MAX_PATTERN_TEXT } from './limits.js';

/** Counts how often a pattern was given only the beginning of a value, so that no such miss goes unseen. */
export class Cuts {
  count = 0;

  /** The text, or as much of it as a pattern may read. */
  apply(text: string, longest = MAX_PATTERN_TEXT): string {
    if (text.length <= longest) return text;
    this.count++;
    return text.slice(0, longest);
  }

  /** The items, or as many of them as may be looked at. */
  some<T>(items: readonly T[], most: number): readonly T[] {
    if (items.length <= most) return items;
    this.count++;
    return items.slice(0, most);
  }
}
