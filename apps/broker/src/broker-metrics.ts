import { Counter, Gauge, Histogram, metrics } from '#libs/runtime';

/** Counted on the path of every message, so plain numbers; Prometheus reads them when it asks. */
export const counts = {
  connects: 0,
  publishes: 0,
  acknowledged: 0,
  repeats: 0,
  delivered: 0,
  undeliverable: 0,
};

/** Read when Prometheus asks. Set by the broker that runs. */
export const gauges = {
  connections: () => 0,
  inFlightBytes: () => 0,
  waitingConnections: () => 0,
  journalPosition: () => 0,
  holding: () => 0,
};

function counter(name: keyof typeof counts, metric: string, help: string): void {
  metrics.registerMetric(new Counter({ name: metric, help, registers: [], collect() {
    this.reset();
    this.inc(counts[name]);
  } }));
}

function gauge(name: keyof typeof gauges, metric: string, help: string): void {
  metrics.registerMetric(new Gauge({ name: metric, help, registers: [], collect() {
    this.set(gauges[name]());
  } }));
}

counter('connects', 'hearthwatch_broker_connects_total', 'Accepted logins');
counter('publishes', 'hearthwatch_broker_publishes_total', 'Messages from devices that passed the checks');
counter('acknowledged', 'hearthwatch_broker_journalled_total', 'Messages that are safe from a power cut and were acknowledged if their QoS asks for it');
counter('repeats', 'hearthwatch_broker_repeats_total', 'QoS 2 messages sent again and recognised');
counter('delivered', 'hearthwatch_broker_delivered_total', 'Messages sent to devices');
counter('undeliverable', 'hearthwatch_broker_undeliverable_total', 'Messages to devices dropped because they took none');
gauge('connections', 'hearthwatch_broker_connections', 'Connections that are logged in');
gauge('inFlightBytes', 'hearthwatch_broker_in_flight_bytes', 'Bytes received and not yet safe');
gauge('waitingConnections', 'hearthwatch_broker_waiting_connections', 'Connections that are not read from because too much is in flight');
gauge('journalPosition', 'hearthwatch_journal_position', 'The last committed position of the log from the devices');
gauge('holding', 'hearthwatch_journal_holding', '1 while the disk is too full to acknowledge');

export const refusals = new Counter({ name: 'hearthwatch_broker_refused_total', help: 'Logins, messages and subscriptions refused', labelNames: ['code'], registers: [metrics] });

export const commitEntries = new Histogram({ name: 'hearthwatch_journal_commit_entries', help: 'Messages in one commit', buckets: [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000], registers: [metrics] });

export const commitSeconds = new Histogram({ name: 'hearthwatch_journal_commit_seconds', help: 'How long one write and sync takes', buckets: [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3], registers: [metrics] });
