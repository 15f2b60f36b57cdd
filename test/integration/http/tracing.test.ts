import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { continueTrace, span, startTracing, traceHeaders } from '../../../src/platform/tracing/tracing.js';

describe('traces', () => {
  it('cost nothing and carry nothing without an endpoint', async () => {
    const tracing = await startTracing(undefined, 'test');
    expect(await span('x', {}, () => Promise.resolve(traceHeaders()))).toEqual({});
    await tracing.stop();
  });

  it('go to the OTLP endpoint, from one process into the next', async () => {
    const received: { url: string | undefined; body: Buffer }[] = [];
    const collector = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ url: request.url, body: Buffer.concat(chunks) });
        response.end();
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = endpoint;
    const tracing = await startTracing(endpoint, 'silowatch-test');
    const headers = await span('detect.batch', { records: 3 }, () => Promise.resolve(traceHeaders()));
    expect(headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    const next = await continueTrace(headers, () => span('correlate.batch', {}, () => Promise.resolve(traceHeaders())));
    expect(next['traceparent']!.slice(3, 35)).toBe(headers['traceparent']!.slice(3, 35));
    await expect(span('fails', {}, () => Promise.reject(new TypeError('hunter2')))).rejects.toThrow('hunter2');
    await tracing.stop();
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    await new Promise((resolve) => collector.close(resolve));
    const sent = received.map(({ body }) => body.toString('latin1')).join('');
    expect(received.every(({ url }) => url === '/v1/traces')).toBe(true);
    for (const text of ['detect.batch', 'correlate.batch', 'silowatch-test', 'TypeError']) expect(sent).toContain(text);
    expect(sent).not.toContain('hunter2');
  });
});
