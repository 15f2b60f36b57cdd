import { SMTPServer } from 'smtp-server';

/** Accepts every mail, and notes when each Message-ID arrived. */
export class CountingMailServer {
  private constructor(
    private readonly server: SMTPServer,
    /** Times of arrival in milliseconds, by Message-ID. */
    readonly arrivals: ReadonlyMap<string, readonly number[]>,
    readonly port: number,
  ) {}

  static async start(): Promise<CountingMailServer> {
    const arrivals = new Map<string, number[]>();
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      onData: (stream, _session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const [, id = '?'] = /^Message-ID:\s*<([^>]+)>/im.exec(Buffer.concat(chunks).toString('latin1')) ?? [];
          arrivals.set(id, [...(arrivals.get(id) ?? []), Date.now()]);
          done();
        });
      },
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.server.address();
    return new CountingMailServer(server, arrivals, typeof address === 'object' && address !== null ? address.port : 0);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
