import { type Resolved } from '../condition/condition.js';
import { type Bound } from '../parse/bounds.js';
import { type Alternative } from './alternatives.js';

/** How a consumer's window decides, compiled from the rule. */
export type WindowPlan =
  CountPlan | DistinctPlan | OrderedPlan | MeasurePlan | ClosingPlan | NovelPlan | AbsencePlan | TravelPlan | RatePlan;

interface Window {
  /** Windows reach from a signal's time back to, and without, that time less the span. */
  readonly spanMs: number;
  /** How long after a firing the group counts on into the same alert. */
  readonly quietMs: number;
}

/** Fires when the window holds `atLeast` signals. A rule standing alone is this with 1. */
export interface CountPlan extends Window {
  readonly kind: 'count';
  readonly atLeast: number;
}

/** Fires when the window holds `atLeast` different values, or values (rules, here) for which `expression` holds. */
export interface DistinctPlan extends Window {
  readonly kind: 'distinct';
  readonly of: 'values' | 'rules';
  readonly atLeast: number;
  readonly expression: Resolved | undefined;
}

/** Fires when the window holds a signal of each rule of a chain, one after the other; equal times count as in order. */
export interface OrderedPlan extends Window {
  readonly kind: 'ordered';
  /** Any of these will do. */
  readonly chains: readonly (readonly string[])[];
}

export type Measure = 'sum' | 'average' | 'percentile';

/** Fires when a measure over the numbers in the window is above its bounds. */
export interface MeasurePlan extends Window {
  readonly kind: 'measure';
  readonly measure: Measure;
  readonly percentile: number;
  readonly bounds: readonly Bound[];
}

/** Decided once, when the window that its first signal opened has ended: what an upper bound or a `not` needs. */
export interface ClosingPlan extends Window {
  readonly kind: 'closing';
  readonly of: 'signals' | 'values' | 'rules' | Measure;
  readonly percentile: number;
  readonly bounds: readonly Bound[];
  readonly expression: Resolved | undefined;
  /** Ways for rules in their order to hold; in place of `expression`, for what is kept then is a sequence. */
  readonly alternatives: readonly Alternative[] | undefined;
  /** Signals or values of one window beyond this cannot change what it decides; in a sequence, those of one rule. */
  readonly saturation: number;
}

/** Fires for a value that the group has not shown within the span. */
export interface NovelPlan extends Window {
  readonly kind: 'novel';
  readonly learnMs: number;
  readonly cap: number;
}

/** Fires when the expected rule does not follow one of the opening rules within the span. */
export interface AbsencePlan extends Window {
  readonly kind: 'absence';
  readonly opening: readonly string[];
  readonly expected: string;
  /** What opens within so long of the group's first signal fires nothing. */
  readonly learnMs: number;
}

/** Fires when two places within the span are too far apart for the time between them. */
export interface TravelPlan extends Window {
  readonly kind: 'travel';
  readonly speedKmh: number;
  readonly distanceKm: number;
}

/** Fires when a slot of the span's length holds many times what the slots before it held. */
export interface RatePlan extends Window {
  readonly kind: 'rate';
  readonly factor: number;
  readonly windows: number;
  readonly atLeast: number;
}
