/**
 * How the engine and the scan see the memory they share. Everything is made of 32-bit numbers, little-endian; what is
 * named here are offsets in bytes from where a thing begins, and the sizes of things. Addresses count from 0, which
 * stands for nothing.
 */

/** One token of the tape: its kind, where its content begins and ends (strings without their quotes), and its mark. */
export const TOKEN_KIND = 0;
export const TOKEN_START = 4;
export const TOKEN_END = 8;
/** For objects and arrays where the token after their last one lies; for keys the hash. */
export const TOKEN_MARK = 12;
export const TOKEN_BYTES = 16;

export const OBJECT = 1;
export const ARRAY = 2;
/** A key of ASCII without escapes. */
export const KEY = 3;
/** A string of ASCII without escapes. */
export const STRING = 4;
/** A string of ASCII whose escapes are all of one character (`\\`, `\"`, `\n`). */
export const ESCAPED_STRING = 5;
/** Any other string. */
export const RICH_STRING = 6;
/** A number whose text form is its bytes. */
export const PLAIN_NUMBER = 7;
export const NUMBER = 8;
/** `true` and `false`. */
export const BOOLEAN = 9;
export const NULL = 10;

/** What both sides tell each other, at `STATE`: where the line being read lies, its tape, and room for texts. */
export const STATE_LINE = 0;
export const STATE_TAPE = 4;
/** For texts that had escapes. */
export const STATE_SCRATCH = 8;
/** For texts that the engine puts there. */
export const STATE_TEXT = 12;
/** By slot, see `PLACE_BYTES`; and how many slots there are. */
export const STATE_PLACES = 16;
export const STATE_SLOTS = 20;
/** Tokens whose text only the engine can tell, `DEFERRED_BYTES` each. */
export const STATE_DEFERRED = 24;
export const STATE_DEFERRED_COUNT = 28;
/** The number of the event, which marks what was set for it. */
export const STATE_EPOCH = 32;
/** Whether a key that leads to fields came twice: the later one counts, and only the parser sorts that out. */
export const STATE_IS_AMBIGUOUS = 36;
/** Routes by the text of a log source: an open table of `SOURCE_PLACES`. */
export const STATE_SOURCES = 40;
export const STATE_BYTES = 44;

/** A log source as it was written, and the number of its route, counted from 1. */
export const SOURCE_HASH = 0;
export const SOURCE_TEXT = 4;
export const SOURCE_LENGTH = 8;
export const SOURCE_ROUTE = 12;
export const SOURCE_BYTES = 16;
export const SOURCE_PLACES = 1024;
/** So many are remembered, and none that is longer than this; a log may name ever new ones. */
export const MOST_SOURCES = 512;
export const LONGEST_SOURCE = 256;

/** The event for which a slot's place was set, and the token of its value, or `SEVERAL`. */
export const PLACE_EPOCH = 0;
export const PLACE_TOKEN = 4;
export const PLACE_BYTES = 8;

/** More than one place could hold the field. */
export const SEVERAL = 1;

export const DEFERRED_INDEX = 0;
export const DEFERRED_TOKEN = 4;
export const DEFERRED_BYTES = 8;
/** An event with more of them is left to the parser. */
export const MOST_DEFERRED = 512;

/** The rules for one kind of event. */
export const ROUTE_ROOT = 0;
export const ROUTE_KEYWORDS = 4;
/** Rules that nothing guards, a list. */
export const ROUTE_UNGUARDED = 8;
/** By rule: the epoch in which it was met. */
export const ROUTE_SEEN = 12;
/** The rules met, and how many they are. */
export const ROUTE_CANDIDATES = 16;
export const ROUTE_COUNT = 20;
export const ROUTE_EPOCH = 24;
/** How many rules the route has. */
export const ROUTE_RULES = 28;
export const ROUTE_BYTES = 32;

/** A stretch of a text that fields hold: the index of the rules that look at them, and where it begins and ends; -1 for none. */
export const SKIM_INDEX = 0;
export const SKIM_START = 4;
export const SKIM_END = 8;
export const SKIM_BYTES = 12;

/** So many candidates are put into order by the scan; where they are more, the engine does. */
export const MOST_SORTED = 24;

/** A step on the way from the keys of an event to fields. */
export const NODE_SLOT = 0;
export const NODE_INDEX = 4;
/** An open table of `CHILD_BYTES` places, and the mask of their number; no table where no way leads on. */
export const NODE_CHILDREN = 8;
export const NODE_MASK = 12;
/** The last event in which the node was met. */
export const NODE_MET_AT = 16;
export const NODE_BYTES = 20;

export const CHILD_HASH = 0;
export const CHILD_NODE = 4;
export const CHILD_NAME = 8;
export const CHILD_LENGTH = 12;
export const CHILD_BYTES = 16;

/** Names the rules that one field's value could make match. Lists begin with the number of their rules. */
export const INDEX_PRESENT = 0;
/** Rules met by every text that is not all ASCII. */
export const INDEX_FOREIGN = 4;
/** Rules by whole texts of at most `TINY` characters: an open table of `TINY_BYTES` places, and its mask. */
export const INDEX_TINY = 8;
export const INDEX_TINY_MASK = 12;
/** Tables of grams of four and of two characters. */
export const INDEX_QUADS = 16;
export const INDEX_PAIRS = 20;
/** Literals at the edges of a text: a list of `EDGE_BYTES` each. */
export const INDEX_EDGES = 24;
export const INDEX_BYTES = 28;

export const TINY = 3;
export const TINY_KEY = 0;
export const TINY_RULES = 4;
export const TINY_BYTES = 8;

/** Patterns by one of their grams; the filter has a bit at the place of each gram that is filed. */
export const GRAMS_FILTER = 0;
export const GRAMS_SHIFT = 4;
/** An open table of `GRAM_BYTES` places: the gram and its first pattern. */
export const GRAMS_TABLE = 8;
export const GRAMS_TABLE_SHIFT = 12;
export const GRAMS_TABLE_MASK = 16;
export const GRAMS_BYTES = 20;

export const GRAM_WORD = 0;
export const GRAM_PATTERN = 4;
export const GRAM_BYTES = 8;

/** A literal, where in it the gram ends under which it is filed, where it has to stand, and the next of its gram. */
export const PATTERN_LETTERS = 0;
export const PATTERN_LENGTH = 4;
export const PATTERN_GRAM_END = 8;
export const PATTERN_ANCHOR = 12;
export const PATTERN_RULE = 16;
export const PATTERN_NEXT = 20;
export const PATTERN_BYTES = 24;

/** Bits of an anchor: the literal has to stand at the beginning of the text, at its end. */
export const AT_START = 1;
export const AT_END = 2;

/** Where four characters are looked at: at so many from the beginning or, where counted from the end, from there. */
export const EDGE_IS_END = 0;
export const EDGE_PLACE = 4;
export const EDGE_GRAMS = 8;
export const EDGE_BYTES = 12;

/** Characters of a gram of an index's first table and of its edges. */
export const QUAD = 4;
export const PAIR = 2;

/** Spreads words over the places of tables (Knuth's multiplicative hashing). */
export const FACTOR = -1640531535;

/** What stands for each byte of a text that is not ASCII: no literal has it. */
export const FOREIGN = 0xff;

/** What stands before a text in memory, so that grams may reach over its beginning. */
export const BEFORE_TEXT = 16;
/** So many bytes after a text may be read. */
export const AFTER_TEXT = 32;
