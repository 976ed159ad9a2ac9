import { keepFault, keepValue } from '../foreign-message.js';
import { readJson } from '../json-text.js';
import { keepState, remember } from '../last-states.js';
import { isSosName } from '../named-kind.js';
import { isObject, numberOf, textOf, truthOf } from '../plain-value.js';
import { pseudonymOf } from '../pseudonym.js';
import { inUnitOf } from '../unit-conversion.js';
import type { ShellyWork } from './decode-shelly.js';

const STATE_OF: Record<string, string> = { flood: 'water_leak', smoke: 'smoke', motion: 'motion', vibration: 'vibration', state: 'open', ext_power: 'mains_power', external_power: 'mains_power' };
const NUMBER_OF: Record<string, string> = { temperature: 'temperature', humidity: 'humidity', battery: 'battery', lux: 'illuminance' };
/** What sensors of Gen1 say beside, which no rule looks at. */
const LEFT_OUT = new Set(['error', 'act_reasons', 'tilt', 'charger', 'operation', 'self_test', 'concentration', 'illumination', 'active', 'profile', 'is_valid']);

/** A plain topic of a Gen1 device, such as `sensor/flood` with `true`. They repeat their state with every wake and every half minute. */
export function keepFirstGeneration(work: ShellyWork, leaf: string, payload: Uint8Array): void {
  const { decoded, template } = work;
  const text = textOf(payload) ?? '';
  const [area = '', part = '0', field] = leaf.split('/');
  if (area === 'sensor') keepSensor(work, part, text);
  else if (area === 'status') keepStatus(work, payload);
  else if ((area === 'relay' || area === 'emeter' || area === 'meter' || area === 'light') && field === 'power') keepValue(decoded, template, 'power', numberOf(text) ?? text, leaf);
  else if (area === 'ext_temperature' || area === 'ext_humidity') keepExternal(work, area, part, text);
  else if (area === 'input_event') keepPress(work, part, payload);
  else if (area === 'input') keepInput(work, text);
  else if (area !== 'longpush' && area !== 'adc' && field === undefined && !['roller', 'color', 'white', 'light'].includes(area)) keepFault(decoded, template, 'HW-DECODE-TOPIC', `${leaf.slice(0, 60)}: not read of a Shelly`);
}

function keepSensor(work: ShellyWork, part: string, text: string): void {
  const { decoded, template } = work;
  const place = `sensor/${part}`;
  if (part === 'gas') {
    // `none`, `mild`, `heavy`, and `test` while somebody tests it, which must not page.
    if (text === 'none' || text === 'mild' || text === 'heavy' || text === 'test') keepValue(decoded, { ...template, test: text === 'test' }, 'gas', text !== 'none', place);
    else if (text !== 'unknown') keepValue(decoded, template, 'gas', text, place);
  } else if (Object.hasOwn(STATE_OF, part)) {
    const on = truthOf(text);
    if (on !== undefined) keepState(decoded, template, STATE_OF[part]!, on, { states: work.states, slot: `${work.name}/${part}`, periodic: true });
    else if (text !== 'unknown' && text !== '-1') keepValue(decoded, template, STATE_OF[part]!, text, place);
  } else if (Object.hasOwn(NUMBER_OF, part)) {
    keepValue(decoded, template, NUMBER_OF[part]!, numberOf(text) ?? text, place);
  } else if (!LEFT_OUT.has(part)) {
    keepFault(decoded, template, 'HW-DECODE-TOPIC', `${place.slice(0, 60)}: not read of a Shelly`);
  }
}

/** The motion sensor: `{"motion":true,"timestamp":1604310060,"vibration":false,"lux":120,"bat":79,"tmp":{"value":21.3,"units":"C"}}`. */
function keepStatus({ decoded, template, states, name }: ShellyWork, payload: Uint8Array): void {
  const json = readJson(payload);
  if (!('value' in json) || !isObject(json.value)) return keepFault(decoded, template, 'HW-DECODE-JSON', 'status: not an object');
  const { motion, vibration, lux, bat, tmp } = json.value;
  if (typeof motion === 'boolean') keepState(decoded, template, 'motion', motion, { states, slot: `${name}/motion`, periodic: true });
  if (typeof vibration === 'boolean') keepState(decoded, template, 'vibration', vibration, { states, slot: `${name}/vibration`, periodic: true });
  keepValue(decoded, template, 'illuminance', lux, 'lux');
  keepValue(decoded, template, 'battery', bat, 'bat');
  if (isObject(tmp) && typeof tmp.value === 'number') keepValue(decoded, template, 'temperature', inUnitOf('temperature', tmp.value, typeof tmp.units === 'string' ? tmp.units : 'C'), 'tmp.value');
  return undefined;
}

function keepExternal({ decoded, template, name }: ShellyWork, area: string, part: string, text: string): void {
  const device = part === '0' ? template.device : pseudonymOf(`${name}-${area}-${part}`);
  keepValue(decoded, { ...template, device }, area === 'ext_temperature' ? 'temperature' : 'humidity', numberOf(text) ?? text, area);
}

/** `{"event":"S","event_cnt":2}`; it is sent again with the count that it had, which is no press. */
function keepPress({ decoded, template, states, name, retain }: ShellyWork, part: string, payload: Uint8Array): void {
  const json = readJson(payload);
  if (!('value' in json) || !isObject(json.value)) return keepFault(decoded, template, 'HW-DECODE-JSON', 'input_event: not an object');
  const { event, event_cnt: count } = json.value;
  if (typeof event !== 'string' || event === '') return undefined;
  const sos = isSosName(name);
  if (typeof count === 'number') {
    const before = remember(states, `${name}/input_event/${part}`, count, template.receivedMs);
    if (before?.[0] === count || (before === undefined && retain && !sos)) return undefined;
  } else if (retain && !sos) {
    return undefined;
  }
  return keepValue(decoded, template, sos ? 'sos' : 'button', true, 'input_event');
}

function keepInput({ decoded, template, states, name }: ShellyWork, text: string): void {
  const on = truthOf(text);
  if (on === undefined) keepFault(decoded, template, 'HW-DECODE-TYPE', 'input: neither 1 nor 0');
  else keepState(decoded, template, isSosName(name) ? 'sos' : 'input', on, { states, slot: `${name}/input`, periodic: true });
}
