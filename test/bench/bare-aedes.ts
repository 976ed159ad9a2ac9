import { createServer, type AddressInfo } from 'node:net';
import { Aedes } from 'aedes';

/* The yardstick: aedes as it comes, which stores nothing and lets everybody in. A process of its own. */
const aedes = await Aedes.createBroker();
const server = createServer({ noDelay: true }, aedes.handle);
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => process.send!({ type: 'ready', port: (server.address() as AddressInfo).port }));
process.on('message', () => process.exit(0));
