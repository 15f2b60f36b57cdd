import { context, propagation, SpanStatusCode, trace, type Attributes } from '@opentelemetry/api';

const tracer = trace.getTracer('silowatch');

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
  // An endpoint that is gone must not hold up the shutdown.
  return { stop: () => sdk.shutdown().catch(() => undefined) };
}
