/** A rule file beyond this is not a rule file (UTF-16 units). The largest community rule has 60,000. */
export const MAX_FILE_LENGTH = 4 * 1024 * 1024;

/** YAML nodes of one file, aliases expanded: an alias bomb ends here. */
export const MAX_NODES = 200_000;

/** Nesting of YAML, and of parentheses in a condition; beyond it lies only mischief, and in the end the stack. */
export const MAX_DEPTH = 64;

/** Alternatives that one value may stand for after `expand`, `base64offset` and `windash` before an encoding. */
export const MAX_ALTERNATIVES = 10_000;
