/** A value beyond this is cut before a regular expression or a pattern with inner wildcards reads it (UTF-16 units). */
export const MAX_PATTERN_TEXT = 16_384;

/** Arrays directly within arrays are looked into to this depth. */
export const MAX_ARRAY_DEPTH = 8;

/** Objects nested deeper than this are not searched by keywords; dotted field names reach as deep as they are long. */
export const MAX_EVENT_DEPTH = 64;
