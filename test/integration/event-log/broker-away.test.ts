import { once } from 'node:events';
import { createServer } from 'node:net';
import { openSocket } from '../../../src/platform/event-log/kafka/kafka-socket.js';

it('a connection to a broker that is gone can be given up any number of times, and nothing is kept of that', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const socket = openSocket({ host: '127.0.0.1', port, ssl: undefined as never, onConnect: () => undefined });
  socket.on('error', () => undefined).resume();
  await once(socket, 'close');
  server.close();
  // As kafkajs does at each failure of another connection while the broker is away.
  for (let time = 0; time < 20; time += 1) socket.end().unref();
  expect(socket.listenerCount('connect')).toBeLessThan(2);
});
