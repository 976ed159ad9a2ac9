import { UNKNOWN_KINDS_MAX } from '../canonical/decode-canonical.js';
import { keepFault, keepValue, type ReadingTemplate } from '../foreign-message.js';
import { isKind } from '../kinds.js';
import { keepState } from '../last-states.js';
import { binaryKindOf, isSosName, unknownKindOf } from '../named-kind.js';
import { isObject, truthOf } from '../plain-value.js';
import { pseudonymOf } from '../pseudonym.js';
import { inUnitOf } from '../unit-conversion.js';
import type { TasmotaWork } from './decode-tasmota.js';

const SENSORS_MAX = 64;
const NOT_SENSORS = new Set(['Time', 'Epoch', 'TempUnit', 'PressureUnit', 'SpeedUnit', 'VolumeUnit']);
/** What sensors tell that no rule looks at. */
const LEFT_OUT = new Set([
  'Id', 'Address', 'Pressure', 'SeaPressure', 'DewPoint', 'Total', 'TotalStartTime', 'Today', 'Yesterday', 'Period', 'Voltage', 'Current', 'Factor',
  'ApparentPower', 'ReactivePower', 'Frequency', 'ExportActive', 'ExportReactive', 'ImportActive', 'ImportReactive', 'PhaseAngle',
]);
const KIND_OF_FIELD: Record<string, string> = {
  Temperature: 'temperature', Humidity: 'humidity', Illuminance: 'illuminance', Power: 'power', Battery: 'battery', CarbonMonoxide: 'carbon_monoxide_ppm', BatteryPercentage: 'battery',
};
/** Measures the chip, not the room. */
const CHIP = /^ESP\d/;

/**
 * The body of a `SENSOR` message: `{"BME280":{"Temperature":21.7,…},"Switch1":"ON","TempUnit":"C"}`. It is sent with the
 * hour and with any change, so a switch that is still on is not a new event. A second sensor with the same kind is a
 * device of its own, `<topic>-<sensor>`, and so never mixed with the first.
 */
export function keepSensors(work: TasmotaWork, body: Record<string, unknown>): void {
  const { template } = work;
  const tempUnit = typeof body.TempUnit === 'string' ? body.TempUnit : 'C';
  const taken = new Set<string>();
  let unknown = 0;
  const keepUnknown = (kind: string | undefined, value: unknown): void => {
    if (kind === undefined || ++unknown > UNKNOWN_KINDS_MAX) return;
    if (typeof value === 'number' || typeof value === 'boolean') keepValue(work.decoded, template, kind, value);
  };
  for (const [sensor, part] of Object.entries(body).slice(0, SENSORS_MAX)) {
    if (NOT_SENSORS.has(sensor) || CHIP.test(sensor)) continue;
    if (!isObject(part)) {
      keepSwitch(work, sensor, part);
      continue;
    }
    if (sensor === 'ZbReceived' || 'mac' in part) {
      keepFault(work.decoded, template, 'HW-DECODE-FIELD', `${sensor.slice(0, 40)}: Zigbee and Bluetooth behind Tasmota are not read; use Zigbee2MQTT or Theengs`);
      continue;
    }
    for (const [field, value] of Object.entries(part).slice(0, SENSORS_MAX)) {
      const kind = Object.hasOwn(KIND_OF_FIELD, field) ? KIND_OF_FIELD[field]! : undefined;
      if (kind !== undefined) keepMeasured(work, originOf(work, sensor, kind, taken), kind, value, tempUnit, `${sensor}.${field}`);
      else if (!LEFT_OUT.has(field)) keepUnknown(unknownKindOf(`${sensor}_${field}`), value);
    }
  }
}

function originOf({ template, name }: TasmotaWork, sensor: string, kind: string, taken: Set<string>): ReadingTemplate {
  if (taken.has(kind)) return { ...template, device: pseudonymOf(`${name}-${sensor}`) };
  taken.add(kind);
  return template;
}

function keepMeasured({ decoded }: TasmotaWork, template: ReadingTemplate, kind: string, value: unknown, tempUnit: string, place: string): void {
  // A meter of several phases sends one power for each.
  const whole = Array.isArray(value) && value.length <= 3 && value.every((phase) => typeof phase === 'number') ? value.reduce((sum, phase) => sum + phase, 0) : value;
  const unit = kind === 'temperature' ? tempUnit : undefined;
  const converted = typeof whole === 'number' ? inUnitOf(kind, whole, unit) : whole;
  if (converted === undefined) keepFault(decoded, template, 'HW-DECODE-UNIT', `TempUnit: ${JSON.stringify(tempUnit.slice(0, 10))} is no unit of temperature`);
  else keepValue(decoded, template, kind, converted, place);
}

/** `"Switch1":"ON"`, or under the name that `SwitchText1` gave it. */
function keepSwitch({ decoded, template, states, name }: TasmotaWork, label: string, value: unknown): void {
  const on = truthOf(value);
  const named = binaryKindOf(label)?.kind ?? (isPlainSwitch(label) && isSosName(name) ? 'sos' : unknownKindOf(label));
  if (on === undefined || named === undefined) return;
  if (isKind(named) || isPlainSwitch(label) || typeof value === 'string') keepState(decoded, template, named, on, { states, slot: `${name}/${label}`, periodic: true });
}

/** A switch that the installer did not name. */
export function isPlainSwitch(label: string): boolean {
  return /^switch\d*$/i.test(label);
}
