import { KINDS, isKind } from './kinds.js';

/** How a number in a foreign unit becomes one in ours. Factors by definition; 18.016 g/mol·10 for glucose. */
type Conversion = (value: number) => number;
const same: Conversion = (value) => value;
const times = (factor: number): Conversion => (value) => value * factor;

/** Our unit (UCUM) → how others write it, in lower case, and what has to be done. */
const CONVERSIONS: Record<string, Record<string, Conversion>> = {
  Cel: { cel: same, c: same, '°c': same, degc: same, celsius: same, f: fromFahrenheit, '°f': fromFahrenheit, degf: fromFahrenheit, '[degf]': fromFahrenheit, fahrenheit: fromFahrenheit, k: (value) => value - 273.15 },
  '%': { '%': same, '%rh': same, '%el': same, percent: same, '/': times(100) },
  lx: { lx: same, lux: same },
  W: { w: same, watt: same, kw: times(1_000), mw: times(0.001) },
  '[ppm]': { ppm: same, '[ppm]': same, ppb: times(0.001) },
  '/min': { '/min': same, '1/min': same, bpm: same, rpm: same, 'beat/min': same, 'beats/min': same, 'br/min': same, 'breaths/min': same, hz: times(60), 'beat/s': times(60) },
  'mm[Hg]': { 'mm[hg]': same, mmhg: same, kpa: times(7.500_62), hpa: times(0.750_062), mbar: times(0.750_062) },
  kg: { kg: same, g: times(0.001), lb: times(0.453_592_37), lbs: times(0.453_592_37), st: times(6.350_293_18), jin: times(0.5) },
  'mmol/L': { 'mmol/l': same, 'mg/dl': times(1 / 18.016) },
  '{steps}': { '{steps}': same, steps: same, step: same, count: same },
  deg: { deg: same, '°': same, lat: same, lon: same },
  m: { m: same, km: times(1_000), ft: times(0.3048) },
  dBm: { dbm: same, dbw: (value) => value + 30, db: same },
  '1': { '1': same, lqi: same },
};
const ROUNDED_TO = 1_000;

function fromFahrenheit(value: number): number {
  return (value - 32) / 1.8;
}

/**
 * The value in the unit of its kind, rounded to a thousandth where something had to be computed; undefined
 * for a unit that the kind cannot have. A kind without a unit, and a value without one, stay as they are.
 */
export function inUnitOf(kind: string, value: number, unit: string | undefined): number | undefined {
  if (unit === undefined || unit === '' || !isKind(kind)) return value;
  const spec = KINDS[kind];
  if (spec.type !== 'number') return value;
  const written = unit.trim().toLowerCase();
  // Milliwatt and megawatt differ in a letter's size; nobody's kettle takes megawatts.
  const table = CONVERSIONS[spec.unit];
  const conversion = table !== undefined && Object.hasOwn(table, written) ? table[written] : undefined;
  if (conversion === undefined) return undefined;
  return conversion === same ? value : Math.round(conversion(value) * ROUNDED_TO) / ROUNDED_TO;
}
