export type KindType = 'event' | 'state' | 'number' | 'choice';

export interface KindSpec {
  type: KindType;
  /** UCUM code; numbers only. */
  unit?: string;
  /** Accepted values of a number, both ends included. */
  min?: number;
  max?: number;
  /** Accepted values of a choice. */
  choices?: readonly string[];
}

const event = { type: 'event' } as const;
const state = { type: 'state' } as const;
const number = <U extends string>(unit: U, min: number, max: number) => ({ type: 'number', unit, min, max }) as const;
const choice = <const C extends readonly string[]>(...choices: C) => ({ type: 'choice', choices }) as const;

/** Every kind that the service understands: its type, unit and accepted range. See docs/mqtt.md. */
export const KINDS = {
  motion: event, vibration: event, button: event, opened: event, sos: event, cancel: event, fall: event,
  presence: state, bed_occupied: state, chair_occupied: state, open: state, tamper: state, smoke: state,
  carbon_monoxide: state, gas: state, heat: state, water_leak: state, enuresis: state, worn: state,
  mains_power: state, on_oxygen: state, snoring: state,
  temperature: number('Cel', -40, 85),
  humidity: number('%', 0, 100), battery: number('%', 0, 100), body_water: number('%', 0, 100),
  illuminance: number('lx', 0, 200_000),
  power: number('W', 0, 15_000),
  carbon_monoxide_ppm: number('[ppm]', 0, 10_000),
  heart_rate: number('/min', 20, 300),
  respiratory_rate: number('/min', 2, 80),
  spo2: number('%', 40, 100),
  systolic: number('mm[Hg]', 30, 300),
  diastolic: number('mm[Hg]', 20, 200),
  body_temperature: number('Cel', 25, 45),
  skin_temperature: number('Cel', 15, 45),
  weight: number('kg', 1, 400),
  muscle_mass: number('kg', 1, 200),
  blood_glucose: number('mmol/L', 0.5, 60),
  steps: number('{steps}', 0, 200_000),
  sleep_state: choice('awake', 'light', 'deep', 'rem', 'out_of_bed'),
  dose: choice('dispensed', 'taken', 'missed'),
  consciousness: choice('A', 'C', 'V', 'P', 'U'),
  latitude: number('deg', -90, 90),
  longitude: number('deg', -180, 180),
  accuracy: number('m', 0, 100_000),
  signal: number('dBm', -150, 0),
  link_quality: number('1', 0, 255),
} as const satisfies Record<string, KindSpec>;

export type Kind = keyof typeof KINDS;

export function isKind(name: string): name is Kind {
  return Object.hasOwn(KINDS, name);
}

/** Kinds that page however late they arrive, and that no pause or context ever silences. */
export const ALARM_KINDS = ['sos', 'fall', 'smoke', 'carbon_monoxide', 'gas', 'water_leak'] as const satisfies readonly Kind[];
