import type { Meaning, Scalar } from './meaning.js';

const ON: Scalar[] = [true, 'ON'];
const OFF: Scalar[] = [false, 'OFF'];
const level = (kind: string, yes: Scalar[] = ON, no: Scalar[] = OFF, rank = 0): Meaning => ({ kind, as: 'level', yes, no, rank });
const onset = (kind: string, yes: Scalar[] = [true], no: Scalar[] = [false]): Meaning => ({ kind, as: 'onset', yes, no });
const number = (kind: string, rank = 0): Meaning => ({ kind, as: 'number', rank });
const presence = (yes: Scalar[], no: Scalar[]): Meaning => level('presence', yes, no, 1);

/**
 * What a property means by its name alone, after the vocabulary of zigbee-herdsman-converters. What
 * is not here is left out without a fault: settings, and measurements that no kind stands for.
 * A contact that is closed is `true` there.
 */
const PLAIN: Readonly<Record<string, Meaning>> = {
  occupancy: onset('motion'), motion: onset('motion'), motion_status: onset('motion'),
  presence: level('presence'), occupancy_status: level('presence', ON, OFF, 1),
  presence_state: presence(['presence', 'PRESENCE', 'peaceful', 'small_movement', 'large_movement', 'motion', 'stationary'], ['none', 'NONE']),
  human_motion_state: presence(['peaceful', 'motion', 'active', 'static', 'small', 'large'], ['none']),
  motion_state: presence(['static', 'small', 'medium', 'large', 'far', 'near'], ['none']),
  state: presence(['presence', 'move'], ['none', 'absence']),
  contact: level('open', OFF, ON), garage_door_contact: level('open', OFF, ON),
  door_state: level('open', ['open'], ['closed'], 1),
  opening_state: level('open', ['open', 'tilted'], ['closed'], 1), window_state: level('open', ['open'], ['closed', 'close'], 1),
  vibration: onset('vibration'),
  smoke: level('smoke'), smoke_state: level('smoke', ['alarm'], ['normal', 'none'], 1),
  carbon_monoxide: level('carbon_monoxide'), co_state: level('carbon_monoxide', ['alarm'], ['normal', 'none'], 1),
  gas: level('gas'), gas_sensor_state: level('gas', ['alarm'], ['normal', 'none'], 1),
  water_leak: level('water_leak'), active_water_leak: level('water_leak'),
  water_leakage_state: level('water_leak', ['water_leakage_yes'], ['water_leakage_no'], 1),
  sos: onset('sos'), sos_alarm: onset('sos'),
  fall: onset('fall'), fall_status: onset('fall', ['fall_alarm'], ['normal', 'fall_warning', 'unknown']),
  fall_down_status: onset('fall', ['fall'], ['none', 'maybe_fall']),
  status: {
    ...onset('fall', ['falling'], ['unoccupied', 'occupied', 'sitting', 'on_the_bed', 'low_posture']),
    also: presence(['occupied', 'sitting', 'on_the_bed', 'low_posture', 'falling'], ['unoccupied']),
  },
  tamper: level('tamper'), mains_power_connected: level('mains_power'),
  temperature: number('temperature'), local_temperature: number('temperature', 1),
  current_temperature: number('temperature', 2), room_temperature: number('temperature', 2), air_temp: number('temperature', 2),
  humidity: number('humidity'), battery: number('battery'), linkquality: number('link_quality'),
  illuminance_lux: number('illuminance'), illuminance: number('illuminance', 1), ambient_light: number('illuminance', 2),
  power: number('power'), active_power: number('power', 1), total_power: number('power', 1), total_active_power: number('power', 1),
  co: number('carbon_monoxide_ppm'), co_ppm: number('carbon_monoxide_ppm', 1),
  breathing_rate: number('respiratory_rate'), heart_rate: number('heart_rate'),
  // No kinds of the table: stored under their names and listed.
  battery_low: level('battery_low'), device_temperature: number('device_temperature'), pressure: number('pressure'),
  co2: number('co2'), voc: number('voc'), pm25: number('pm25'), energy: number('energy'),
};
const BY_NAME: ReadonlyMap<string, Meaning> = new Map(Object.entries(PLAIN));

/** Numbers whose parts measure different things, and states that differ from part to part. */
const PART = /^(.+?)_((?:l|s|ep?|p|th|ch|phase_?|zone_|wire_)?\d{1,3}|both_zones|phase_[abc]|[abc]|usb|left|right|center|top|bottom|main_switch|in|out|heat|water|ds|bme)$/;
/** The two alarms of one sensor. */
const ZONE = /^(occupancy|contact|smoke|gas|carbon_monoxide|water_leak|vibration)_alarm_[12]$/;
const AREA_OCCUPANCY = /^mmwave_(area\d)_occupancy$/;
const LEAK_INPUT = /^((?:input|channel)_\d{1,2})_leak_detect(?:_\d{1,2})?$/;

/** What a property means as far as its name says; undefined for one that says nothing to us. */
export function plainMeaning(property: string): Meaning | undefined {
  const whole = BY_NAME.get(property);
  if (whole !== undefined) return whole;
  const zone = ZONE.exec(property);
  if (zone !== null) return BY_NAME.get(zone[1]!);
  const area = AREA_OCCUPANCY.exec(property);
  if (area !== null) return { ...level('presence'), part: area[1]! };
  const leak = LEAK_INPUT.exec(property);
  if (leak !== null) return { ...level('water_leak', ['Leak', true], ['Dry', false]), part: leak[1]! };
  const parts = PART.exec(property);
  const meaning = parts === null ? undefined : BY_NAME.get(parts[1]!);
  // `state_l1` and the like are what a switch does, not what a radar sees.
  return meaning === undefined || parts![1] === 'state' || parts![1] === 'status' ? undefined : { ...meaning, part: parts![2]! };
}
