import type { Use } from '#libs/registry';

/** By what a device tells; the first that fits. Doors are asked for: which door it is nobody can see from here. */
const SUGGESTIONS: readonly [use: Use, kinds: readonly string[]][] = [
  ['alarm', ['smoke', 'carbon_monoxide', 'gas', 'heat', 'water_leak', 'carbon_monoxide_ppm']],
  ['wearable', ['sos', 'fall', 'worn', 'steps']],
  ['bed', ['bed_occupied', 'sleep_state', 'enuresis']],
  ['chair', ['chair_occupied']],
  ['medication', ['dose']],
  ['vital-signs', ['systolic', 'diastolic', 'spo2', 'weight', 'blood_glucose', 'body_temperature', 'heart_rate', 'respiratory_rate']],
  ['movement', ['motion', 'presence']],
  ['appliance', ['power']],
  ['climate', ['temperature', 'humidity', 'illuminance']],
];

/** What a device is probably for; undefined where that must be asked. */
export function suggestedUse(kinds: readonly string[]): Use | undefined {
  if (kinds.includes('open') || kinds.includes('opened')) return undefined;
  return SUGGESTIONS.find(([, signs]) => signs.some((kind) => kinds.includes(kind)))?.[0];
}
