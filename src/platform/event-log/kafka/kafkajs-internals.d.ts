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
    readonly request: object;
    readonly response: { readonly decode: (bytes: Buffer) => Promise<unknown>; readonly parse: unknown };
  }
  export interface ProducedMessage {
    readonly key?: string | Buffer | null;
    readonly value: string | Buffer | null;
    readonly headers?: Readonly<Record<string, string | Buffer>>;
    readonly timestamp?: string;
  }
  export interface ProducePayload {
    readonly acks: number;
    readonly timeout: number;
    readonly compression?: number;
    readonly transactionalId?: string | null;
    readonly topicData: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly messages: readonly ProducedMessage[] }[];
    }[];
  }
  interface Kind<Payload> {
    protocol: (options: { version: number }) => (payload: Payload) => Exchange;
  }
  /** The requests that kafkajs knows, by name; looked up at each call. */
  const protocol: { readonly requests: { readonly Fetch: Kind<unknown>; readonly Produce: Kind<ProducePayload> } };
  export default protocol;
}
