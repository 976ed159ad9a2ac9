import { UNKNOWN_KINDS_MAX } from '../canonical/decode-canonical.js';
import type { Decoded } from '../decoded.js';
import { keepFault, keepValue, type ReadingTemplate } from '../foreign-message.js';
import { keepState, type LastStates } from '../last-states.js';
import { unknownKindOf } from '../named-kind.js';
import { truthOf } from '../plain-value.js';
import { inUnitOf } from '../unit-conversion.js';

/** Fields that are on or off, and their kinds. */
const STATES: Record<string, string> = {
  open: 'open', door: 'open', window: 'open', opening: 'open', motion: 'motion', vibration: 'vibration', presence: 'presence', occupancy: 'presence', smoke: 'smoke', co: 'carbon_monoxide',
  carbon_monoxide: 'carbon_monoxide', gas: 'gas', moisture: 'water_leak', leak: 'water_leak', wet: 'water_leak', water_leak: 'water_leak', tamper: 'tamper', heat: 'heat', sos: 'sos', fall: 'fall', worn: 'worn',
};
const NUMBERS: Record<string, string> = {
  hum: 'humidity', batt: 'battery', lux: 'illuminance', rssi: 'signal', power: 'power', systolic: 'systolic', diastolic: 'diastolic', sys: 'systolic', dia: 'diastolic', bpm: 'heart_rate', pulse: 'heart_rate', hr: 'heart_rate', heart_rate: 'heart_rate', spo2: 'spo2', steps: 'steps',
};
/** What is of no use here, or is read by itself. */
const LEFT_OUT = new Set([
  'packet', 'pres', 'pressure', 'volt', 'voltage', 'rot', 'impedance', 'tempc', 'tempf', 'weight', 'unit', 'weighing_mode', 'button', 'distance', 'txpower', 'acts', 'cont', 'track', 'encr', 'prmac', 'decr', 'ctr', 'cidc',
]);
const FIELDS_MAX = 100;

/** The fields of one broadcast, as Theengs decodes them. */
export function keepBroadcast(decoded: Decoded, template: ReadingTemplate, body: Record<string, unknown>, states: LastStates): void {
  keepTemperature(decoded, template, body);
  keepWeight(decoded, template, body);
  keepButton(decoded, template, body.button);
  let unknown = 0;
  for (const [field, value] of Object.entries(body).slice(0, FIELDS_MAX)) {
    if (Object.hasOwn(STATES, field)) {
      const on = truthOf(value);
      if (on === undefined) keepValue(decoded, template, STATES[field]!, value, field);
      else keepState(decoded, template, STATES[field]!, on, { states, slot: `${template.device}/${field}`, periodic: typeof body.packet !== 'number' });
    } else if (Object.hasOwn(NUMBERS, field)) {
      keepValue(decoded, template, NUMBERS[field]!, value, field);
    } else if (!LEFT_OUT.has(field) && (typeof value === 'number' || typeof value === 'boolean') && ++unknown <= UNKNOWN_KINDS_MAX) {
      const kind = unknownKindOf(field);
      if (kind !== undefined) keepValue(decoded, template, kind, value, field);
    }
  }
}

/** `tempc`, or `tempf` where that stands alone; of a thermometer for people (`type: BODY`) it is the person's. */
function keepTemperature(decoded: Decoded, template: ReadingTemplate, { tempc, tempf, type }: Record<string, unknown>): void {
  const kind = type === 'BODY' ? 'body_temperature' : 'temperature';
  keepValue(decoded, template, kind, tempc ?? (typeof tempf === 'number' ? inUnitOf('temperature', tempf, 'F') : tempf), tempc === undefined ? 'tempf' : 'tempc');
}

/** A scale says what was on it: an object is not a person. */
function keepWeight(decoded: Decoded, template: ReadingTemplate, { weight, unit, weighing_mode: mode }: Record<string, unknown>): void {
  if (weight === undefined || weight === null || mode === 'object') return;
  const converted = typeof weight === 'number' ? inUnitOf('weight', weight, typeof unit === 'string' ? unit : 'kg') : weight;
  if (converted === undefined) keepFault(decoded, template, 'HW-DECODE-UNIT', `unit: ${JSON.stringify(String(unit).slice(0, 10))} is no unit of weight`);
  else keepValue(decoded, template, 'weight', converted, 'weight');
}

/** 1 to 3 clicks, 9 or 254 for a long press; 0 is the beacon that only says it is there. */
function keepButton(decoded: Decoded, template: ReadingTemplate, button: unknown): void {
  if (button === undefined || button === null || button === 0 || button === 'none' || button === '') return;
  const isPress = typeof button === 'number' ? button > 0 : typeof button === 'string' && /press|click|hold/.test(button);
  keepValue(decoded, template, 'button', isPress ? true : button, 'button');
}
