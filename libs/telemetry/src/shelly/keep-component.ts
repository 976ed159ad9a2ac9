import { keepValue } from '../foreign-message.js';
import { keepState } from '../last-states.js';
import { isSosName, unknownKindOf } from '../named-kind.js';
import { isObject } from '../plain-value.js';
import { pseudonymOf } from '../pseudonym.js';
import { inUnitOf } from '../unit-conversion.js';
import type { ShellyWork } from './decode-shelly.js';

/** Components that are alarms, and the kind of each. */
const ALARM_OF: Record<string, string> = { smoke: 'smoke', flood: 'water_leak', gas: 'gas', co: 'carbon_monoxide', motion: 'motion', occupancy: 'presence', presence: 'presence' };
/** Components that measure power, by the field that holds it. */
const POWER_OF: Record<string, string> = { switch: 'apower', pm1: 'apower', em: 'total_act_power', em1: 'act_power' };

/**
 * The state of one component of a Gen2 or later device, such as `smoke:0` with `{"alarm":false}`. A number other than 0
 * after the colon, which add-ons have, is a device of its own, `<device>-temperature-100`.
 */
export function keepComponent(work: ShellyWork, component: string, part: Record<string, unknown>): void {
  const [type = '', number = '0'] = component.slice(0, 60).split(':');
  const device = number === '0' ? work.template.device : pseudonymOf(`${work.name}-${type}-${number}`);
  const { decoded } = work;
  const template = { ...work.template, device };
  const keep = (kind: string, value: unknown, field: string): void => keepValue(decoded, template, kind, value, `${component}.${field}`);
  const state = (kind: string, on: boolean): void => keepState(decoded, template, kind, on, { states: work.states, slot: `${work.name}/${component}`, periodic: true });

  if (Object.hasOwn(ALARM_OF, type)) {
    const on = part.alarm ?? part.state ?? part.value;
    if (typeof on === 'boolean') state(ALARM_OF[type]!, on);
    else if (on !== undefined && on !== null) keep(ALARM_OF[type]!, on, 'alarm'); // Told as a fault, not passed over.
  } else if (Object.hasOwn(POWER_OF, type)) {
    keep('power', part[POWER_OF[type]!], POWER_OF[type]!);
  } else if (type === 'temperature') {
    keep('temperature', part.tC ?? (typeof part.tF === 'number' ? inUnitOf('temperature', part.tF, 'F') : undefined), 'tC');
  } else if (type === 'humidity') {
    keep('humidity', part.rh, 'rh');
  } else if (type === 'illuminance') {
    keep('illuminance', part.lux, 'lux');
  } else if (type === 'devicepower') {
    keep('battery', isObject(part.battery) ? part.battery.percent : undefined, 'battery.percent');
    if (isObject(part.external) && typeof part.external.present === 'boolean') keep('mains_power', part.external.present, 'external.present');
  } else if (type === 'wifi') {
    keep('signal', part.rssi, 'rssi');
  } else if (type === 'bthomedevice') {
    keep('battery', part.battery, 'battery');
  } else if (type === 'input' && typeof part.state === 'boolean') {
    const kind = isSosName(work.name) ? 'sos' : 'input';
    if (kind === 'sos') state(kind, part.state);
    else keep(kind, part.state, 'state');
  } else if (typeof part.alarm === 'boolean') {
    const unknown = unknownKindOf(`${type}_alarm`);
    if (unknown !== undefined) keep(unknown, part.alarm, 'alarm');
  }
}
