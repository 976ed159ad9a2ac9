import type { Meaning, Scalar } from './meaning.js';
import { plainMeaning } from './plain-meanings.js';

/** One property that a definition of `bridge/devices` lists; only what was looked at and found to be of its type. */
export interface Exposed {
  name: string;
  property: string;
  type: string;
  endpoint?: string;
  unit?: string;
  category?: string;
  description: string;
  on?: Scalar;
  off?: Scalar;
  values: readonly string[];
}

const RADAR = /radar|mm-?wave|presence|ghz|microwave/i;
const ALARM_PROPERTIES = new Set(['alarm', 'alarm_1', 'alarm_status']);
/** What an alarm that names no cause is about, by the words of the definition; the first that fits. */
const ZONES: readonly [RegExp, Meaning['kind'], Meaning['as']][] = [
  [/\bCO\b|carbon monoxide/, 'carbon_monoxide', 'level'], [/smoke/i, 'smoke', 'level'], [/\bheat\b/i, 'heat', 'level'],
  [/\bgas\b/i, 'gas', 'level'], [/leak|flood/i, 'water_leak', 'level'], [/vibration/i, 'vibration', 'onset'],
  [/door|window|opening/i, 'open', 'level'], [/pir\b|motion|presence|occupancy/i, 'motion', 'onset'],
];
const BED = /sleep(?:ing)? pad|\bbed\b.*(?:occupancy|presence|sensor)|bed_presence/i;
const NOT_THE_ROOM = /\bcpu\b|\bchip\b|floor temperature/i;

/**
 * What a property means by the model's definition. `null`: the definition says that it is not what its name
 * suggests. `undefined`: nothing to us, by the name neither.
 */
export function meaningOf(exposed: Exposed, words: string, properties: ReadonlySet<string>): Meaning | null | undefined {
  const plain = plainMeaning(exposed.endpoint === undefined ? exposed.property : exposed.name);
  const special = modelMeaning(exposed, words, properties);
  if (special !== undefined) return special;
  if (plain === undefined) return plainMeaning(exposed.property) === undefined ? undefined : null;
  if (exposed.category === 'config') return null;
  const part = exposed.endpoint === undefined || zoneSuffix(exposed.endpoint) ? {} : { part: exposed.endpoint };
  if (plain.as === 'number') return exposed.type === 'numeric' ? numeric(plain, exposed, part) : null;
  if (plain.kind === 'vibration' && /switch/i.test(words)) return null; // A key that shakes under the finger.
  if (exposed.type === 'binary') return plain.yes?.includes(true) || plain.no?.includes(true) ? binary({ ...plain, ...part }, exposed, words) : null;
  return exposed.type === 'enum' && understands(plain, exposed.values) ? { ...plain, ...part } : null;
}

function zoneSuffix(endpoint: string): boolean {
  return /^alarm_\d$/.test(endpoint);
}

/** Meanings that the name alone cannot tell. */
function modelMeaning(exposed: Exposed, words: string, properties: ReadonlySet<string>): Meaning | undefined {
  const { name, property, type, on, off, values } = exposed;
  if (BED.test(words)) {
    // Which way round a pad's contact is differs by installation and is asked there; `true` is closed: pressed.
    if (property === 'contact') return { kind: 'bed_occupied', as: 'level', yes: [true], no: [false] };
    if (property === 'occupancy') return { kind: 'bed_occupied', as: 'level', yes: [on ?? true], no: [off ?? false] };
    if (property === 'pressure_state') return { kind: 'bed_occupied', as: 'level', yes: ['sit', 'sedentary'], no: ['none'] };
  }
  if (property === 'moving' && type === 'binary' && /sensor/i.test(words)) return { kind: 'vibration', as: 'onset', yes: [on ?? true], no: [off ?? false] };
  if (!ALARM_PROPERTIES.has(name) || /siren|sound and flash|thermostat|valve/i.test(words)) return undefined;
  if (type === 'binary' && /enable|turn|sound the|light of/i.test(exposed.description)) return undefined;
  const zone = ZONES.find(([pattern]) => pattern.test(words));
  if (zone === undefined || hasItsOwn(zone[1], properties)) return undefined;
  if (type === 'binary') return { kind: zone[1], as: zone[2], yes: [on ?? true], no: [off ?? false] };
  return values.includes('alarm') && values.includes('normal') ? { kind: zone[1], as: zone[2], yes: ['alarm'], no: ['normal'] } : undefined;
}

/** True if another property of the model says the same by its name. */
function hasItsOwn(kind: string, properties: ReadonlySet<string>): boolean {
  for (const property of properties) {
    if (plainMeaning(property)?.kind === kind) return true;
  }
  return false;
}

function numeric(plain: Meaning, { unit, description }: Exposed, part: { part?: string }): Meaning | null {
  const meaning = { ...plain, ...part };
  if (plain.kind === 'temperature') {
    if (NOT_THE_ROOM.test(description)) return { ...meaning, kind: 'device_temperature' };
    return unit === '°F' ? { ...meaning, times: 5 / 9, plus: -160 / 9 } : meaning;
  }
  if (plain.kind === 'power') {
    if (unit === 'kW') return { ...meaning, times: 1_000 };
    return unit === undefined || unit === 'W' ? meaning : null;
  }
  if (plain.kind === 'carbon_monoxide_ppm') return unit === 'ppm' || unit === undefined ? meaning : null;
  return meaning;
}

function binary(plain: Meaning, { on, off, name }: Exposed, words: string): Meaning {
  const yes = on ?? true;
  const no = off ?? false;
  // Most list `false`, open, as a contact's `value_on`. Where they list `true` or ON, that still is closed.
  const turned = plain.kind === 'open' && (yes === true || (typeof yes === 'string' && /^on$/i.test(yes)));
  const meaning: Meaning = { ...plain, yes: [turned ? no : yes], no: [turned ? yes : no] };
  if (name !== 'occupancy' || !RADAR.test(words)) return meaning;
  // A radar goes on seeing who sits still: what it says lasts, and its beginning is a movement.
  return { ...meaning, also: { ...meaning, kind: 'presence', as: 'level', rank: 1 } };
}

function understands({ yes, no }: Meaning, values: readonly string[]): boolean {
  return values.some((value) => yes?.includes(value)) && values.some((value) => no?.includes(value));
}
