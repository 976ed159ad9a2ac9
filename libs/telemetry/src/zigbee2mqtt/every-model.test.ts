import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { decodeMessage } from '../decode-message.js';
import type { Decoded } from '../decoded.js';
import type { DecoderMemory } from '../decoder-memory.js';

/*
 * Every model that zigbee-herdsman-converters publishes, for what it senses: each property that its `exposes` list
 * is sent with each of its values, and what the decoder makes of it is held against what is expected. The expectations are
 * made here, from the `exposes` alone; nothing of the decoder's tables is used.
 */

interface Expose {
  type: string;
  name: string;
  property?: string;
  access?: number;
  category?: string;
  unit?: string;
  description?: string;
  endpoint?: string;
  value_on?: string | boolean;
  value_off?: string | boolean;
  values?: string[];
  features?: Expose[];
}
interface Model { model: string; vendor: string; description: string; exposes: Expose[] }
/** Expected instead of a value where no reading of the kind may come. */
const NOTHING = Symbol('no reading');
/** Sent: `value`; expected: a reading of `kind` with `reads`, or none. */
interface Expectation { value: unknown; kind: string; reads: unknown }
interface Sensed { model: Model; expose: Expose & { property: string }; expectations: Expectation[]; byNameToo: boolean }

const ARRIVAL = Date.UTC(2026, 10, 21, 2, 14, 6);

function publishedModels(): Model[] {
  const lines = execFileSync(process.execPath, [join(import.meta.dirname, 'published-models.test-process.ts')], { encoding: 'utf8', maxBuffer: 512 * 1024 * 1024 });
  return lines.trim().split('\n').map((line) => JSON.parse(line) as Model);
}

/** What is published of a device: no settings, nothing that is only written. */
function published({ exposes }: Model): (Expose & { property: string })[] {
  return exposes
    .flatMap((expose) => (expose.features !== undefined && expose.type !== 'composite' ? expose.features : [expose]))
    .filter((expose): expose is Expose & { property: string } => expose.property !== undefined && ((expose.access ?? 1) & 1) === 1 && expose.category !== 'config');
}

/** Words by which a property of a device may tell movement, contact, presence, smoke, CO, gas, leak, SOS or a fall. */
const SENSING = /occup|motion|presence|presen|contact|smoke|carbon|(?:^|_)co(?:_|$)|(?:^|_)gas(?:_|$)|leak|sos|(?:^|_)fall|panic|emergency|vibrat|^moving|^movement|door_state|window_state|opening_state|^alarm|pressure_state|alert_state/;

/** Properties with such words that sense nothing of the kind, and why. */
const NO_SENSE: readonly [RegExp, string][] = [
  [/sensitivity|timeout|_delay|_time$|_interval|threshold|_range|distance|_count$|duration|keep_time|calibration|_unit$|_mode$|_enabled?$|^enable|_switch$|_logic|led_|indicat|volume|ringtone|_melody|selftest|self_test|mute|silenc|_battery$|reset|_setting|_control$|_breaker|_recloser|leakage_(?:test|current|threshold)|_duration|_ring$|_sampling/, 'a setting or a detail'],
  [/^emergency_|external_occupancy|open_window_state|^alarm_(?:voltage|power|consumed|active)|^alarms$|neutral_presence|thermostat_occupancy|_options$|_detection$|_level$|_gear$|_siren$|_buzzer$|^beeper|_valve_|^force_|_upsert$/, 'electrical protection, or a setting'],
  [/presence_event|^movement$|motion_direction|^alarm_state$|alert_state|occupancy_(?:or|and)|^motion_(?:up|down)$/, 'says in detail, or again, what another property of the model says'],
  [/(?:smoke|gas)_(?:density|level|value|concentration|unit|density_dbm)|^leakage$/, 'a measurement that no kind stands for'],
];
/** Alarms that a siren sounds, or limits that were passed: what they tell is not what this is about. */
const SIREN = /siren|sound and flash|sound and light|audio|thermostat|stove|valve|Twinguard|Temperature|temperature|air quality|CO2|window handle|watering|stove|window alarm|Window sensor|USB/;

const both = (expose: Expose, kind: string, onReads: unknown = true, offReads: unknown = false): Expectation[] => [
  { value: expose.value_on ?? true, kind, reads: onReads }, { value: expose.value_off ?? false, kind, reads: offReads },
];
const words = (expose: Expose, kind: string, yes: readonly string[], no: readonly string[], noReads: unknown = false): Expectation[] => [
  ...(expose.values ?? []).filter((value) => yes.includes(value)).map((value) => ({ value, kind, reads: true })),
  ...(expose.values ?? []).filter((value) => no.includes(value)).map((value) => ({ value, kind, reads: noReads })),
];

/** Closed is `true` (or ON) whichever of the two is listed as `value_on`: the descriptions say so. */
function contact(expose: Expose): Expectation[] {
  const closed = [expose.value_on, expose.value_off].find((value) => value === true || value === 'ON');
  const open = expose.value_on === closed ? expose.value_off : expose.value_on;
  return [{ value: open, kind: 'open', reads: true }, { value: closed, kind: 'open', reads: false }];
}

/** What a property that says true or false means; undefined where this test knows no answer. */
function ofBinary(expose: Expose & { property: string }, { description, model }: Model): Expectation[] | undefined {
  const name = expose.name.replace(/_alarm_[12]$/, '');
  const bed = /sleeping pad|bed occupancy/i.test(description);
  if (bed && name === 'contact') return [{ value: true, kind: 'bed_occupied', reads: true }, { value: false, kind: 'bed_occupied', reads: false }];
  if (bed && name === 'occupancy') return both(expose, 'bed_occupied');
  if (/^mmwave_area\d_occupancy$/.test(expose.property)) return both(expose, 'presence');
  if (/^occupancy(?:_(?:[12]|in|out))?$/.test(name) || name === 'motion_status') {
    const radar = /radar|mmwave|presence|ghz|microwave/i.test(`${model} ${description}`);
    return [...both(expose, 'motion', true, NOTHING), ...(radar ? both(expose, 'presence') : [])];
  }
  if (name === 'presence' || name === 'occupancy_status') return both(expose, 'presence');
  if (name === 'contact' || name === 'garage_door_contact') return contact(expose);
  if (name === 'vibration' || (name === 'moving' && /sensor/i.test(description))) return both(expose, 'vibration', true, NOTHING);
  if (['smoke', 'carbon_monoxide', 'gas', 'water_leak', 'active_water_leak'].includes(name)) return both(expose, name.replace('active_', ''));
  if (/_leak_detect(?:_\d+)?$/.test(name)) return both(expose, 'water_leak');
  if (name === 'sos' || name === 'sos_alarm') return both(expose, 'sos', true, NOTHING);
  if (!/^alarm(?:_1)?$/.test(name)) return undefined;
  if (/door|opening/i.test(description)) return both(expose, 'open');
  if (/\bPIR\b/.test(description)) return both(expose, 'motion', true, NOTHING);
  if (/smoke/i.test(description)) return both(expose, 'smoke');
  return /heat alarm/i.test(description) ? both(expose, 'heat') : undefined;
}

function ofEnumeration(expose: Expose, { description }: Model): Expectation[] | undefined {
  switch (expose.name) {
    case 'presence_state': case 'human_motion_state': case 'motion_state':
      return words(expose, 'presence', (expose.values ?? []).filter((value) => value.toLowerCase() !== 'none'), ['none', 'NONE']);
    case 'fall_status': case 'fall_down_status':
      return words(expose, 'fall', ['fall_alarm', 'fall'], ['normal', 'none', 'maybe_fall', 'fall_warning', 'unknown'], NOTHING);
    case 'door_state': case 'opening_state': case 'window_state':
      return words(expose, 'open', ['open', 'tilted'], ['closed', 'close']);
    case 'smoke_state': return words(expose, 'smoke', ['alarm'], ['normal', 'none']);
    case 'co_state': return words(expose, 'carbon_monoxide', ['alarm'], ['normal', 'none']);
    case 'gas_sensor_state': return words(expose, 'gas', ['alarm'], ['normal', 'none']);
    case 'water_leakage_state': return words(expose, 'water_leak', ['water_leakage_yes'], ['water_leakage_no']);
    case 'pressure_state': return /bed occupancy/i.test(description) ? words(expose, 'bed_occupied', ['sit', 'sedentary'], ['none']) : undefined;
    case 'alarm_status':
      if (/leakage/i.test(description)) return words(expose, 'water_leak', ['alarm'], ['normal']);
      return /vibration/i.test(description) ? words(expose, 'vibration', ['alarm'], ['normal'], NOTHING) : undefined;
    default: return undefined;
  }
}

/** Radars whose whole state is one word, and the fall radar. */
function ofState(expose: Expose): Expectation[] | undefined {
  const values = expose.values ?? [];
  if (values.includes('falling')) {
    return [
      ...words(expose, 'fall', ['falling'], values.filter((value) => value !== 'falling'), NOTHING),
      ...words(expose, 'presence', values.filter((value) => value !== 'unoccupied'), ['unoccupied']),
    ];
  }
  return values.includes('presence') ? words(expose, 'presence', ['presence', 'move'], ['none', 'absence']) : undefined;
}

function ofAction(expose: Expose, { description }: Model): { expectations: Expectation[]; byNameToo: boolean } | undefined {
  const values = expose.values ?? [];
  const forEmergencies = /\bsos\b|emergency/i.test(description);
  const sos = values.filter((value) => ['emergency', 'sos', 'panic'].includes(value) || (forEmergencies && ['single', 'double', 'hold'].includes(value)));
  const shaken = values.filter((value) => ['vibration', 'tilt', 'drop'].includes(value) && values.includes('vibration'));
  const moved = values.filter((value) => value === 'motion');
  const expectations = [
    ...sos.map((value) => ({ value, kind: 'sos', reads: true })),
    ...(forEmergencies && values.includes('off') ? [{ value: 'off', kind: 'sos', reads: NOTHING }] : []),
    ...shaken.map((value) => ({ value, kind: 'vibration', reads: true })), ...moved.map((value) => ({ value, kind: 'motion', reads: true })),
  ];
  return expectations.length === 0 ? undefined : { expectations, byNameToo: !forEmergencies };
}

function ofNumber(expose: Expose): Expectation[] | undefined {
  const name = expose.endpoint === undefined ? expose.name : expose.name.replace(new RegExp(`_${expose.endpoint}$`), '');
  if (/CPU|Floor temperature/.test(expose.description ?? '')) return [{ value: 21.5, kind: 'temperature', reads: NOTHING }];
  if (/^(?:local_|current_|room_)?temperature$/.test(name) && (expose.unit === '°C' || expose.unit === '°F')) {
    return [{ value: expose.unit === '°F' ? 70.7 : 21.5, kind: 'temperature', reads: 21.5 }];
  }
  if (name === 'device_temperature') return [{ value: 31, kind: 'temperature', reads: NOTHING }];
  if (/^(?:total_)?(?:active_)?power$/.test(name) && (expose.unit === 'W' || expose.unit === 'kW')) {
    return [{ value: expose.unit === 'kW' ? 1.45 : 1_450, kind: 'power', reads: 1_450 }];
  }
  if (/^power_(?:phase_)?(?:[abc]|l?\d)$/.test(name) && expose.unit === 'W') return [{ value: 1_450, kind: 'power', reads: 1_450 }];
  if ((name === 'co' || name === 'co_ppm') && expose.unit === 'ppm') return [{ value: 34, kind: 'carbon_monoxide_ppm', reads: 34 }];
  if (name === 'breathing_rate') return [{ value: 14, kind: 'respiratory_rate', reads: 14 }];
  if (name === 'humidity' && expose.unit === '%') return [{ value: 44.7, kind: 'humidity', reads: 44.7 }];
  if (name === 'illuminance' && expose.unit === 'lx') return [{ value: 12, kind: 'illuminance', reads: 12 }];
  return name === 'battery' && expose.unit === '%' ? [{ value: 87, kind: 'battery', reads: 87 }] : undefined;
}

/** What is sensed by a property, or that this test cannot tell what a property that seems to sense something means. */
function sensedBy(model: Model, expose: Expose & { property: string }): Sensed | undefined {
  const sensed = (expectations: Expectation[] | undefined, byNameToo = true): Sensed | undefined => expectations && { model, expose, expectations, byNameToo };
  if (expose.type === 'numeric') return sensed(ofNumber(expose), expose.unit !== '°F' && !/CPU|Floor temperature/.test(expose.description ?? ''));
  if (expose.property === 'action') {
    const action = ofAction(expose, model);
    return action && sensed(action.expectations, action.byNameToo);
  }
  if (expose.name === 'tamper') return sensed(both(expose, 'tamper'));
  if (expose.name === 'state' || expose.name === 'status') return sensed(expose.type === 'enum' ? ofState(expose) : undefined);
  if (![expose.name, expose.property].some((name) => SENSING.test(name)) || NO_SENSE.some(([pattern]) => pattern.test(expose.name))) return undefined;
  if (expose.name.startsWith('alarm') && (SIREN.test(model.description) || /enable|turn /i.test(expose.description ?? ''))) return undefined;
  if ((expose.name.startsWith('moving') && !/sensor/i.test(model.description)) || (/switch/i.test(model.description) && expose.name === 'vibration')) return undefined; // A motor; a key that shakes.
  const radar = /radar|mmwave|presence|ghz|microwave/i.test(`${model.model} ${model.description}`) && expose.name.startsWith('occupancy');
  const modelDependent = radar || /^alarm|^moving/.test(expose.name) || /bed occupancy|sleeping pad/i.test(model.description);
  return sensed((expose.type === 'binary' ? ofBinary(expose, model) : ofEnumeration(expose, model)) ?? [], !modelDependent);
}

function bridgeDevices({ model, vendor, description, exposes }: Model): string {
  return JSON.stringify([{ ieee_address: '0x1', type: 'EndDevice', friendly_name: 'd', supported: true, definition: { model, vendor, description, exposes } }]);
}

function decode(path: string, payload: string, memory: DecoderMemory): Decoded {
  return decodeMessage({ topic: `homes/h1/zigbee2mqtt/${path}`, payload: Buffer.from(payload), receivedMs: ARRIVAL }, { checkClock: true, retentionMs: 30 * 86_400_000 }, memory);
}

/** Undefined if all is as expected, else the first thing that is not. */
function misread({ model, expose, expectations }: Sensed, listed: boolean): string | undefined {
  const taught: DecoderMemory = {};
  if (listed) decode('bridge/devices', bridgeDevices(model), taught);
  if (expectations.length === 0) return 'what it means is not known';
  for (const { value, kind, reads } of expectations) {
    const { readings, faults } = decode('d', JSON.stringify({ [expose.property]: value, linkquality: 90 }), structuredClone(taught));
    const read = readings.filter((reading) => reading.kind === kind).map((reading) => reading.value);
    const expected = reads === NOTHING ? [] : [reads];
    if (JSON.stringify(read) !== JSON.stringify(expected) || faults.length > 0) return `${JSON.stringify(value)} reads ${kind} ${JSON.stringify(read)} instead of ${JSON.stringify(expected)} ${faults.map(({ reason }) => reason).join()}`;
  }
  return undefined;
}

/** The share of properties that are understood, and a line for each that is not. */
function share(sensed: Sensed[], listed: boolean): { share: number; misses: string[] } {
  const misses = sensed.flatMap((one) => {
    const reason = misread(one, listed);
    return reason === undefined ? [] : [`${one.model.vendor} ${one.model.model} (${one.model.description}): ${one.expose.property}: ${reason}`];
  });
  return { share: 1 - misses.length / sensed.length, misses };
}

/** Kinds of which a wrong reading wakes somebody, or says that somebody is up. */
const KINDS_THAT_MATTER = new Set(['sos', 'fall', 'smoke', 'carbon_monoxide', 'gas', 'water_leak', 'heat', 'motion', 'presence', 'open', 'vibration', 'bed_occupied', 'body_temperature', 'heart_rate']);

/** Values of all that a model publishes and that senses nothing, of which alarms or movements are read all the same. */
function madeUp(model: Model): string[] {
  const taught: DecoderMemory = {};
  decode('bridge/devices', bridgeDevices(model), taught);
  return published(model).filter((expose) => expose.property !== 'action' && sensedBy(model, expose) === undefined).flatMap((expose) => {
    const values: unknown[] = expose.type === 'numeric' ? [0, 1, 21.5] : [expose.value_on, expose.value_off, ...(expose.values ?? [])].filter((value) => value !== undefined);
    return values.flatMap((value) => decode('d', JSON.stringify({ [expose.property]: value }), structuredClone(taught)).readings
      .filter(({ kind }) => KINDS_THAT_MATTER.has(kind)).map(({ kind }) => `${model.vendor} ${model.model} (${model.description}): ${expose.property} ${String(value)} reads ${kind}`));
  });
}

test('what published models sense is understood, with their definitions and by the names of properties alone', () => {
  const models = publishedModels();
  const sensed = models.flatMap((model) => published(model).flatMap((expose) => sensedBy(model, expose) ?? []));
  const withDefinition = share(sensed, true);
  const byName = sensed.filter(({ byNameToo }) => byNameToo);
  const withoutDefinition = share(byName, false);
  const sensing = new Set(sensed.map(({ model }) => `${model.vendor} ${model.model}`));
  process.stdout.write([
    `${models.length} models, ${sensing.size} of them sense something: ${sensed.length} properties`,
    `understood with the definition: ${(100 * withDefinition.share).toFixed(2)} %; by name alone: ${(100 * withoutDefinition.share).toFixed(2)} % of ${byName.length}`,
    ...withDefinition.misses.map((line) => `  not with its definition: ${line}`), ...withoutDefinition.misses.map((line) => `  not by name: ${line}`), '',
  ].join('\n'));
  expect(models.length).toBeGreaterThan(4_000);
  expect(sensing.size).toBeGreaterThan(1_500);
  expect(withDefinition.share).toBeGreaterThan(0.95);
  expect(withoutDefinition.share).toBeGreaterThan(0.95);
}, 300_000);

test('no setting, switch or detail of a published model is read as an alarm or as somebody who moves', () => {
  expect(publishedModels().flatMap(madeUp)).toEqual([]);
}, 300_000);
