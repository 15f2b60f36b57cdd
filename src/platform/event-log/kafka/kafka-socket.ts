import type { ISocketFactoryArgs } from 'kafkajs';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

const KEEP_ALIVE_DELAY_MS = 60_000;

/**
 * A connection to a broker, as kafkajs 2.2.4 makes it by itself, but for one thing: kafkajs gives its last connection up again at each failure while a
 * broker is away, and Node keeps for a socket that is gone each wish not to be waited for, in case it ever connects.
 */
export function openSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
  // The types promise it also of a connection without TLS.
  const tls = ssl as ConnectionOptions | false | undefined;
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = tls
    ? connectTls({ host, port, ...servername, ...tls }, onConnect)
    : connect({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  const unref = socket.unref.bind(socket);
  socket.unref = () => (socket.destroyed ? socket : unref());
  return socket;
}
