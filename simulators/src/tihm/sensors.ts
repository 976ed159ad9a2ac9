import type { DevicePlan } from '../home-plan.js';
import type { Values } from '../timed-message.js';

const MOTION: Values = { motion: true };
const OPENED: Values = { opened: true };

const room = (id: string, roomOf: string): LocationSensor => ({ device: { id, room: roomOf, use: 'movement', kinds: ['motion'] }, values: MOTION });

export interface LocationSensor {
  device: DevicePlan;
  /** What one row says: the sensor fired. The tables hold no value and no off event. */
  values: Values;
}

/** `location_name` of the Activity table → the sensor. Where a back door or a cuff is kept is not recorded. */
export const LOCATION_SENSORS: Readonly<Record<string, LocationSensor>> = {
  Bathroom: room('pir-bathroom', 'bathroom'),
  Bedroom: room('pir-bedroom', 'bedroom'),
  Hallway: room('pir-hallway', 'hallway'),
  Kitchen: room('pir-kitchen', 'kitchen'),
  Lounge: room('pir-lounge', 'lounge'),
  'Front Door': { device: { id: 'door-front', room: 'hallway', use: 'exterior-door', kinds: ['opened'] }, values: OPENED },
  'Back Door': { device: { id: 'door-back', room: 'other', name: 'Back door', use: 'exterior-door', kinds: ['opened'] }, values: OPENED },
  'Fridge Door': { device: { id: 'door-fridge', room: 'kitchen', use: 'fridge', kinds: ['opened'] }, values: OPENED },
};

const vital = (id: string, kinds: string[]): DevicePlan => ({ id, room: 'other', name: 'Not recorded', use: 'vital-signs', kinds, resident: 'r1' });

const CUFF = vital('cuff', ['systolic', 'diastolic', 'heart_rate']);
const SCALE = vital('scale', ['weight', 'body_water', 'muscle_mass']);
const THERMOMETER = vital('thermometer', ['body_temperature', 'skin_temperature']);

/** `device_type` of the Physiology table → the device and the kind, with the unit that the table must name. */
export const MEASUREMENTS: Readonly<Record<string, { device: DevicePlan; kind: string; unit: string }>> = {
  'Systolic blood pressure': { device: CUFF, kind: 'systolic', unit: 'mm[Hg]' },
  'Diastolic blood pressure': { device: CUFF, kind: 'diastolic', unit: 'mm[Hg]' },
  'Heart rate': { device: CUFF, kind: 'heart_rate', unit: 'beats/min' },
  'Body weight': { device: SCALE, kind: 'weight', unit: 'kg' },
  'Total body water': { device: SCALE, kind: 'body_water', unit: '%' },
  'O/E - muscle mass': { device: SCALE, kind: 'muscle_mass', unit: 'kg' },
  'Body Temperature': { device: THERMOMETER, kind: 'body_temperature', unit: 'Cel' },
  'Skin Temperature': { device: THERMOMETER, kind: 'skin_temperature', unit: 'Cel' },
};
