import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type SpanOptions,
} from '@opentelemetry/api';

const tracer = trace.getTracer('silowatch');
let isOn = false;

/** Whether traces are sent anywhere, for what would cost something while they are not. */
export const isTracing = (): boolean => isOn;

/** W3C `traceparent` and `tracestate`, as they travel in record headers and job payloads. */
export type TraceHeaders = Readonly<Record<string, string>>;

/** Runs `work` inside a span; a throw marks the span as failed. Costs next to nothing while tracing is off. */
export async function span<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, { attributes }, async (current) => {
    try {
      return await work();
    } catch (error) {
      // The type only: messages may quote what a silo or a mail said.
      current.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
      throw error;
    } finally {
      current.end();
    }
  });
}

/** Adds to the span that runs now. Ids, counts and names of our own only: never what a silo, a mail or a person said. */
export function note(attributes: Attributes): void {
  trace.getActiveSpan()?.setAttributes(attributes);
}

/** A span that is ended by hand, for work that is not one call. */
export interface OpenSpan {
  /** What continues the trace from here. */
  readonly headers: TraceHeaders;
  end(): void;
}

export interface OpenSpanOptions {
  /** Without it the span starts a trace. */
  readonly parent?: TraceHeaders;
  /** A trace that is mentioned and not continued: another party's. */
  readonly link?: TraceHeaders;
  /** When it began, if that was before now (Unix ms). */
  readonly startMs?: number;
}

export function openSpan(name: string, attributes: Attributes, options: OpenSpanOptions = {}): OpenSpan {
  const parent = options.parent === undefined ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, options.parent);
  const linked = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, options.link ?? {}));
  const settings: SpanOptions = {
    attributes,
    ...(options.startMs === undefined ? {} : { startTime: options.startMs }),
    ...(linked === undefined ? {} : { links: [{ context: linked }] }),
  };
  const opened = tracer.startSpan(name, settings, parent);
  const headers: Record<string, string> = {};
  propagation.inject(trace.setSpan(ROOT_CONTEXT, opened), headers);
  return { headers, end: () => opened.end() };
}

/** The headers that let another process continue the current trace; empty while tracing is off. */
export function traceHeaders(): TraceHeaders {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

/** Runs `work` as a part of the trace that `headers` name; unusable headers start none. */
export function continueTrace<T>(headers: TraceHeaders, work: () => T): T {
  return context.with(propagation.extract(context.active(), headers), work);
}

export interface Tracing {
  /** Sends what is left. */
  stop(): Promise<void>;
}

/** Sends traces to an OTLP endpoint; the SDK is loaded only then. The exporter reads the standard OTEL_ variables itself. */
export async function startTracing(endpoint: string | undefined, serviceName: string): Promise<Tracing> {
  if (endpoint === undefined) return { stop: () => Promise.resolve() };
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ??= endpoint;
  process.env['OTEL_METRICS_EXPORTER'] ??= 'none';
  process.env['OTEL_LOGS_EXPORTER'] ??= 'none';
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({ serviceName, instrumentations: [] });
  sdk.start();
  isOn = true;
  return {
    stop: async () => {
      isOn = false;
      // An endpoint that is gone must not hold up the shutdown.
      await sdk.shutdown().catch(() => undefined);
    },
  };
}
