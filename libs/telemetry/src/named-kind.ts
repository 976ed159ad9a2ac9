import { KINDS, isKind, type Kind } from './kinds.js';

/** The kind that a name means; `plain` if the name says nothing else, such as which door. */
export interface NamedKind {
  kind: Kind;
  plain: boolean;
}

/** One kind and the words of which each group must stand in a name. */
type Rule = readonly [kind: Kind, ...groups: readonly (readonly string[])[]];

/** Words that make a name speak of the device or its settings, not of what it senses. */
const ABOUT_THE_DEVICE = new Set([
  'battery', 'batt', 'low', 'fault', 'error', 'problem', 'online', 'connected', 'connectivity', 'connection', 'enabled', 'enable', 'disabled',
  'disable', 'test', 'tests', 'testing', 'selftest', 'mute', 'muted', 'silence', 'silenced', 'hush', 'led', 'light', 'lamp', 'lights', 'update',
  'firmware', 'heartbeat', 'reset', 'delay', 'timeout', 'sensitivity', 'threshold', 'ready',
  'expired', 'supervision', 'calibration', 'interval', 'cleared', 'clear',
]);
/** With one of these words gas, water and heat are what a machine uses, not what has escaped. */
const MACHINES = new Set(['meter', 'pulse', 'counter', 'count', 'consumption', 'valve', 'pump', 'boiler']);
/** Where wet or warm is no alarm. */
const ELSEWHERE = new Set(['rain', 'soil', 'plant', 'garden', 'outside', 'outdoor', 'outdoors', 'external', 'pool', 'pond']);
/** With one of these words it may mean either way round, or something else. */
const TURNED = new Set(['closed', 'close', 'lock', 'locked', 'unlocked', 'bell', 'not']);
/** Words that add nothing to a kind. */
const FILLING = new Set(['sensor', 'detector', 'detected', 'detection', 'alarm', 'alert', 'state', 'status', 'level', 'value', 'rate', 'reading', 'contact', 'button', 'room']);

/** The first that fits wins: what pages before what does not. */
const BINARY: readonly Rule[] = [
  ['tamper', ['tamper', 'tampered']],
  ['smoke', ['smoke']],
  ['carbon_monoxide', ['co', 'monoxide', 'carbonmonoxide']],
  ['gas', ['gas', 'lpg', 'methane']],
  ['water_leak', ['leak', 'leakage', 'leaking', 'flood', 'flooding', 'moisture', 'wet', 'waterleak']],
  ['heat', ['heat'], ['alarm', 'detector', 'detected']],
  ['sos', ['sos', 'panic', 'emergency', 'duress', 'pendant', 'help']],
  ['fall', ['fall', 'fallen', 'falldown']],
  ['bed_occupied', ['bed'], ['occupied', 'occupancy', 'presence', 'pad', 'mat', 'pressure', 'sensor']],
  ['chair_occupied', ['chair', 'armchair', 'sofa', 'seat'], ['occupied', 'occupancy', 'presence', 'pad', 'mat', 'pressure', 'sensor']],
  ['presence', ['presence', 'occupancy', 'occupied', 'mmwave']],
  ['motion', ['motion', 'pir', 'movement']],
  ['open', ['open', 'opening', 'door', 'window']],
  ['vibration', ['vibration', 'shock']],
  ['worn', ['worn']],
  ['snoring', ['snoring']],
  ['mains_power', ['mains']],
];
const NUMERIC: readonly Rule[] = [
  ['body_temperature', ['body', 'oral', 'ear', 'forehead', 'tympanic'], ['temperature', 'temp']],
  ['skin_temperature', ['skin', 'wrist'], ['temperature', 'temp']],
  ['temperature', ['temperature', 'temp']],
  ['humidity', ['humidity', 'hum']],
  ['battery', ['battery', 'batt']],
  ['illuminance', ['illuminance', 'lux']],
  ['carbon_monoxide_ppm', ['co', 'monoxide']],
  ['power', ['power', 'wattage']],
  ['heart_rate', ['heart', 'heartrate', 'pulserate', 'bpm']],
  ['heart_rate', ['pulse'], ['rate']],
  ['respiratory_rate', ['respiratory', 'respiration', 'breathing', 'breath']],
  ['spo2', ['spo2']],
  ['systolic', ['systolic']],
  ['diastolic', ['diastolic']],
  ['weight', ['weight']],
  ['blood_glucose', ['glucose']],
  ['steps', ['steps']],
  ['signal', ['rssi']],
  ['signal', ['signal'], ['wifi', 'strength']],
  ['link_quality', ['linkquality', 'lqi']],
];
/** With one of these words a number is not what the name's other words say of the room or the person. */
const NOT_MEASURED = new Set([
  'cpu', 'chip', 'internal', 'board', 'esp', 'esp32', 'device', 'system', 'target', 'setpoint', 'set', 'outside', 'outdoor', 'outdoors', 'external', 'water',
  'fridge', 'freezer', 'oven', 'boiler', 'radiator', 'flow', 'return', 'min', 'max', 'offset', 'calibration', 'dew', 'feels', 'color', 'colour', 'soil',
  'voltage', 'factor', 'apparent', 'reactive', 'total', 'variability', 'limit', 'threshold', 'low', 'high', 'interval', 'average', 'yesterday', 'today',
]);

/**
 * What a sensor of this name that is on or off senses: conservative, so that no setting and no lamp becomes an
 * alarm, but every plain name of an alarm is understood. A name that may mean either way round (`contact`,
 * `door_closed`) is undefined: the value is then kept as an unknown kind.
 */
export function binaryKindOf(name: string, fillingName = ''): NamedKind | undefined {
  const words = wordsOf(name);
  const joined = words.join('_');
  if (isKind(joined) && KINDS[joined].type !== 'number' && KINDS[joined].type !== 'choice') return { kind: joined, plain: true };
  if (words.some((word) => ABOUT_THE_DEVICE.has(word)) && !words.includes('tamper')) return undefined;
  if (words.some((word) => ELSEWHERE.has(word)) && words.some((word) => ['moisture', 'wet', 'flood', 'leak', 'heat'].includes(word))) return undefined;
  if (words.some((word) => MACHINES.has(word)) && words.some((word) => ['gas', 'moisture', 'wet', 'flood', 'leak', 'heat', 'fall'].includes(word))) return undefined;
  if (words.some((word) => TURNED.has(word))) return undefined;
  const exit = words.includes('emergency') && words.some((word) => ['exit', 'stop', 'door', 'power', 'heating'].includes(word));
  return firstFitting(BINARY, exit ? words.filter((word) => word !== 'emergency') : words, wordsOf(fillingName));
}

/** What a sensor of this name that sends numbers measures of the room or the person; undefined if that is not certain. */
export function numericKindOf(name: string, fillingName = ''): NamedKind | undefined {
  const words = wordsOf(name);
  const joined = words.join('_');
  if (isKind(joined) && KINDS[joined].type === 'number') return { kind: joined, plain: true };
  return words.some((word) => NOT_MEASURED.has(word)) ? undefined : firstFitting(NUMERIC, words, wordsOf(fillingName));
}

/** True for the name of something that calls for help when pressed. */
export function isSosName(name: string): boolean {
  return binaryKindOf(name)?.kind === 'sos';
}

/** A name as an unknown kind can have it, or undefined if nothing of it is left. */
export function unknownKindOf(name: string): string | undefined {
  const kind = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase().replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^[_0-9]+|_+$/g, '').slice(0, 64);
  if (kind === '') return undefined;
  // Not the name of a kind that we know: what is meant was not certain.
  return isKind(kind) ? `other_${kind}` : kind;
}

/** The words of a name in lower case: `frontDoor_2` is front, door, 2. */
function wordsOf(name: string): string[] {
  const spaced = name.slice(0, 200).replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.split(/[^a-z0-9]+/).filter((word) => word !== '').map((word) => (word.length > 3 && word !== 'spo2' ? word.replace(/(?<=[a-z]{3})\d+$/, '') : word));
}

function firstFitting(rules: readonly Rule[], words: readonly string[], filling: readonly string[]): NamedKind | undefined {
  for (const [kind, ...groups] of rules) {
    if (!groups.every((group) => group.some((word) => words.includes(word)))) continue;
    const meaning = new Set([...groups.flat(), ...kind.split('_'), ...filling]);
    return { kind, plain: words.every((word) => meaning.has(word) || FILLING.has(word)) };
  }
  return undefined;
}
