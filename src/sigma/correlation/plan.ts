/** How a consumer's window decides, compiled from the rule. */
export interface WindowPlan {
  readonly kind: 'single';
  readonly spanMs: number;
  /** How long after a firing the group counts on into the same alert. */
  readonly quietMs: number;
}
