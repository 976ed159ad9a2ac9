export { startBroker, type Broker, type BrokerParts } from './start-broker.js';
