declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** The requests of one connection: what kafkajs has of it as of 2.2.4. */
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    /** Milliseconds since the epoch; -1 when the broker never asked for a pause. */
    readonly throttledUntil: number;
    scheduleCheckPendingRequests: (this: RequestQueue) => void;
  }
}
