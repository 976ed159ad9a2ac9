/** Homes and devices are named by pseudonyms of this form. */
export const PSEUDONYM = /^[A-Za-z0-9_-]{1,64}$/;

/** Base topics below a home at which devices of other makes speak; `shellies` is that of Shellys which cannot choose theirs. */
export const FOREIGN_FAMILIES = ['senml', 'zigbee2mqtt', 'tasmota', 'shelly', 'shellies', 'esphome', 'theengs', 'homeassistant'] as const;
export type ForeignFamily = (typeof FOREIGN_FAMILIES)[number];

export type Topic =
  | { type: 'readings' | 'device-status'; home: string; device: string }
  | { type: 'hub-status'; home: string; hub: string }
  /** Below the base topic of a family of devices that do not speak the canonical format. */
  | { type: 'foreign'; home: string; family: ForeignFamily }
  /** Only the service publishes here: `rejected`, `commands`, a panel's `show`. */
  | { type: 'service'; home: string }
  /** Below a home, but nothing that we know. */
  | { type: 'unknown'; home: string }
  /** Not below `homes/<valid home>/`. */
  | { type: 'outside' };

const OUTSIDE: Topic = { type: 'outside' };
const PREFIX = 'homes/';

/**
 * What a topic means; see docs/mqtt.md. Takes a topic's name, never a subscription's filter: `+` and
 * `#` are not in a pseudonym's alphabet, so a filter is `unknown` or `outside`. Never throws.
 */
export function parseTopic(topic: string): Topic {
  if (!topic.startsWith(PREFIX)) return OUTSIDE;
  const homeEnd = topic.indexOf('/', PREFIX.length);
  if (homeEnd < 0) return OUTSIDE;
  const home = topic.slice(PREFIX.length, homeEnd);
  if (!isPseudonym(home)) return OUTSIDE;

  const areaEnd = topic.indexOf('/', homeEnd + 1);
  if (areaEnd < 0) return { type: 'unknown', home };
  const area = topic.slice(homeEnd + 1, areaEnd);
  if (area !== 'devices' && area !== 'hubs' && area !== 'panels') {
    return isForeign(area) ? { type: 'foreign', home, family: area } : { type: 'unknown', home };
  }

  const idEnd = topic.indexOf('/', areaEnd + 1);
  if (idEnd < 0) return { type: 'unknown', home };
  const id = topic.slice(areaEnd + 1, idEnd);
  const leaf = topic.slice(idEnd + 1);
  return isPseudonym(id) ? leafTopic(home, area, id, leaf) : { type: 'unknown', home };
}

/** True for topics that nobody but the service may publish on. */
export function isServiceTopic(topic: string): boolean {
  return parseTopic(topic).type === 'service';
}

/** Faster than the expression of the same name; both are held against each other in the tests. */
export function isPseudonym(text: string): boolean {
  if (text.length === 0 || text.length > 64) return false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    const digit = code >= 0x30 && code <= 0x39;
    if (!letter && !digit && code !== 0x5f && code !== 0x2d) return false;
  }
  return true;
}

function isForeign(area: string): area is ForeignFamily {
  return (FOREIGN_FAMILIES as readonly string[]).includes(area);
}

function leafTopic(home: string, area: 'devices' | 'hubs' | 'panels', id: string, leaf: string): Topic {
  if (area === 'devices') {
    if (leaf === 'readings') return { type: 'readings', home, device: id };
    if (leaf === 'status') return { type: 'device-status', home, device: id };
    if (leaf === 'rejected' || leaf === 'commands') return { type: 'service', home };
  }
  if (area === 'hubs' && leaf === 'status') return { type: 'hub-status', home, hub: id };
  if (area === 'panels' && leaf === 'show') return { type: 'service', home };
  return { type: 'unknown', home };
}
