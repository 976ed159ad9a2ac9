import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KIND_NAME } from './canonical/judge-value.js';
import { binaryKindOf, numericKindOf, unknownKindOf } from './named-kind.js';

test.each([
  ['smoke', 'smoke'], ['kitchen_smoke_detector', 'smoke'], ['SmokeAlarm', 'smoke'], ['smoke1', 'smoke'], ['smoke_alarm_status', 'smoke'], ['smoke_boiler_room', 'smoke'],
  ['co_alarm', 'carbon_monoxide'], ['carbon monoxide detected', 'carbon_monoxide'], ['gas_leak', 'gas'], ['water_leak', 'water_leak'], ['leak_under_sink', 'water_leak'], ['flood', 'water_leak'],
  ['sos', 'sos'], ['panic_button', 'sos'], ['emergency', 'sos'], ['pendant', 'sos'], ['fall_detected', 'fall'],
  ['bed_occupied', 'bed_occupied'], ['bed_presence', 'bed_occupied'], ['chair_pad', 'chair_occupied'], ['hall_pir', 'motion'], ['room_occupancy', 'presence'], ['front_door', 'open'], ['smoke_tamper', 'tamper'],
])('%s on or off is %s', (name, kind) => {
  expect(binaryKindOf(name)?.kind).toBe(kind);
});

test.each([
  'smoke_battery_low', 'smoke_test', 'smoke_detector_online', 'gas_meter_pulse', 'gas_boiler', 'co2', 'fall_detection_enabled', 'rainfall', 'emergency_light', 'emergency_exit', 'soil_moisture', 'rain_wet',
  'door_closed', 'door_locked', 'doorbell', 'contact', 'motion_led', 'leak_valve', 'status', 'switch1', 'waterfall_pump', 'relay',
])('%s on or off is nothing that we are certain of', (name) => {
  expect(binaryKindOf(name)).toBeUndefined();
});

test.each([
  ['temperature', 'temperature'], ['bedroom_temperature', 'temperature'], ['body_temperature', 'body_temperature'], ['hum', 'humidity'], ['battery_level', 'battery'], ['kettle_power', 'power'],
  ['heart_rate', 'heart_rate'], ['spo2', 'spo2'], ['wifi_signal', 'signal'], ['co', 'carbon_monoxide_ppm'],
])('a number called %s is %s', (name, kind) => {
  expect(numericKindOf(name)?.kind).toBe(kind);
});

test.each(['cpu_temperature', 'outdoor_temperature', 'fridge_temperature', 'target_temperature', 'battery_voltage', 'power_factor', 'soil_humidity', 'heart_rate_variability', 'uptime', 'pressure', 'co2'])('a number called %s is nothing that we are certain of', (name) => {
  expect(numericKindOf(name)).toBeUndefined();
});

test('a name that says which one is not plain', () => {
  expect([binaryKindOf('smoke_detector')?.plain, binaryKindOf('smoke_kitchen')?.plain, numericKindOf('room_temperature')?.plain, numericKindOf('bedroom_temperature', 'bedroom')?.plain]).toEqual([true, false, true, true]);
});

test('an unknown kind has a name that a kind can have, and never that of a known one', () => {
  fc.assert(fc.property(fc.string({ maxLength: 100 }), (name) => {
    const kind = unknownKindOf(name);
    if (kind !== undefined) expect(kind).toMatch(KIND_NAME);
  }));
  expect([unknownKindOf('Switch1'), unknownKindOf('smoke'), unknownKindOf('漢字'), unknownKindOf('9 lives')]).toEqual(['switch1', 'other_smoke', undefined, 'lives']);
});
