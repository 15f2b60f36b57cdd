import type { Envelope } from '../formats/envelope.js';
import type { RecordFault } from '../formats/parsed-record.js';

/** Why one record of a body cannot be used. */
export type UnitFault =
  | RecordFault
  /** A `_bulk` action other than `index` and `create`. */
  | 'unsupported_action';

/** One record of a body as its form carries it, before it is tried. */
export interface Unit {
  /** Its line, or its place among the items, from 1. */
  readonly place: number;
  /** The record itself, or a text that may be one. */
  readonly bytes: Buffer;
  readonly envelope?: Envelope;
  /** What is said of many records at once (an OTLP resource), beneath what the envelope says: one object that they share. */
  readonly around?: Envelope['fields'];
  /** Set when the form itself already rules the record out. */
  readonly fault?: UnitFault;
  /** What the answer must repeat of a `_bulk` action. */
  readonly bulk?: { readonly action: string; readonly index: string; readonly id: string };
}

/** A body taken apart, or why it is none; `line` is the first that cannot be read. */
export type ReadBody =
  | { readonly ok: true; readonly units: readonly Unit[] }
  | { readonly ok: false; readonly fault: 'empty' | 'too_many' | 'too_dense' | 'media_type' }
  | { readonly ok: false; readonly fault: 'malformed'; readonly line: number };

/** A body that is read in stretches: it is left at each `yield`, so that others have their turn. */
export type Reading = Generator<undefined, ReadBody>;

/** Largest body, unpacked, in bytes: above the 10 MB that shippers gather by default. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Most bytes that the records of one body may hold beyond the body's own: what is said of many is written into each. */
export const MAX_ADDED_BYTES = 16 * 1024 * 1024;
/** Most records of one body. */
export const MAX_UNITS = 20_000;
