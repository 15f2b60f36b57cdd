/** How the glance and who asks for it see the memory they share: numbers of 32 bits, little-endian. */

/** Longer lines are not glanced at. */
export const MAX_LINE = 8_192;
/** So many bytes after a line may be read. */
export const AFTER_LINE = 32;

/** The stretches of a line, by their place in the list of where each begins and ends; -1 twice for one that says nothing. */
export const PEER = 0;
export const USER = 1;
export const METHOD = 2;
export const TARGET = 3;
export const STEM = 4;
export const QUERY = 5;
export const VERSION = 6;
export const STATUS = 7;
export const BYTES = 8;
export const REFERER = 9;
export const AGENT = 10;
export const STRETCH_COUNT = 11;

/** After the stretches: 0 when the time of a plain line is written otherwise than that of the last one. */
export const SAME_TIME = STRETCH_COUNT * 8;

/** Characters of the time between its brackets. */
export const TIME_LENGTH = 26;

/** Sets of ASCII characters, `SET_BYTES` each: by the low half of a character a bit for each row that has it, then by the high half the row's bit. */
export const IN_ADDRESS = 0;
export const IN_USER = 1;
export const IN_METHOD = 2;
export const IN_PATH = 3;
export const IN_QUERY = 4;
export const IN_VERSION = 5;
export const IN_NUMBER = 6;
export const IN_HOST = 7;
export const IN_PRODUCT = 8;
export const IN_AGENT = 9;
export const SET_COUNT = 10;
export const SET_BYTES = 32;
