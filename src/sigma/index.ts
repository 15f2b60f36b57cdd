/** The Sigma engine's only door: `load` rules, `match` events, `step` correlations. No framework, no I/O. */
export { asksWhether, type Consumer, type Signal } from './correlation/consumer.js';
export { type Firing, type GroupState } from './correlation/state.js';
export { close, deadlineOf, lifeOf, step } from './correlation/step.js';
export { type CostClass, COST_CLASSES, inspect, type Inspection } from './inspect/inspect.js';
export { load, type Loaded } from './load.js';
export type * from './model.js';
