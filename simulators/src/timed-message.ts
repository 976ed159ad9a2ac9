/** One MQTT message of a home, and when the home would send it. */
export interface TimedMessage {
  /** ms since 1970 UTC. */
  atMs: number;
  home: string;
  topic: string;
  payload: string;
  retain?: boolean;
}

export type Values = Readonly<Record<string, number | boolean | string>>;

/** A canonical readings message (docs/mqtt.md): one time, one or more kinds of one device. */
export function readingsMessage(home: string, device: string, atMs: number, values: Values, resident?: string): TimedMessage {
  const body = { ts: new Date(atMs).toISOString(), values, ...(resident === undefined ? {} : { resident }) };
  return { atMs, home, topic: `homes/${home}/devices/${device}/readings`, payload: JSON.stringify(body) };
}

/** A hub's heartbeat, retained as the contract asks. */
export function hubStatusMessage(home: string, hub: string, atMs: number, state: { state: 'online' | 'offline'; mains: boolean; queued: number; link: string }): TimedMessage {
  return { atMs, home, topic: `homes/${home}/hubs/${hub}/status`, payload: JSON.stringify(state), retain: true };
}
