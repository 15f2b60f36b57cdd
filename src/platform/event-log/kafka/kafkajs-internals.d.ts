declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** The requests of one connection: what kafkajs has of it as of 2.2.4. */
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    /** Milliseconds since the epoch; -1 when the broker never asked for a pause. */
    readonly throttledUntil: number;
    scheduleCheckPendingRequests: (this: RequestQueue) => void;
  }
}

declare module 'kafkajs/src/protocol/requests/index.js' {
  interface Exchange {
    readonly request: unknown;
    readonly response: { readonly decode: (bytes: Buffer) => Promise<unknown>; readonly parse: unknown };
  }
  /** The requests that kafkajs knows, by name; looked up at each call. */
  const protocol: {
    readonly requests: {
      readonly Fetch: { protocol: (options: { version: number }) => (payload: unknown) => Exchange };
    };
  };
  export default protocol;
}
