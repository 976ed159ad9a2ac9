import { KINDS, isKind } from '#libs/telemetry';

const sentence = (id: string): string => {
  const text = id.replace(/[-_]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

const KIND_NAMES: Record<string, string> = {
  motion: 'Movement', button: 'Button pressed', opened: 'Opened', sos: 'SOS button', cancel: 'Cancel button',
  presence: 'Somebody present', bed_occupied: 'In bed', chair_occupied: 'In the chair', open: 'Open', carbon_monoxide: 'Carbon monoxide',
  carbon_monoxide_ppm: 'Carbon monoxide level', water_leak: 'Water leak', enuresis: 'Wet bed', mains_power: 'Mains power', on_oxygen: 'On oxygen',
  temperature: 'Room temperature', illuminance: 'Light', heart_rate: 'Pulse', respiratory_rate: 'Breathing rate', spo2: 'Oxygen saturation (SpO2)',
  systolic: 'Blood pressure, systolic', diastolic: 'Blood pressure, diastolic', blood_glucose: 'Blood glucose', sleep_state: 'Sleep', dose: 'Medicine dose',
};

const USE_NAMES: Record<string, string> = { 'exterior-door': 'Outside door', 'interior-door': 'Inside door', 'vital-signs': 'Vital signs' };

export const UNITS: Record<string, string> = {
  Cel: '°C', '/min': 'a minute', 'mm[Hg]': 'mmHg', '[ppm]': 'ppm', '{steps}': 'steps', '1': '', deg: '°',
};

/** A kind in words that a nurse uses; an unknown kind as the device named it. */
export function kindName(kind: string): string {
  return KIND_NAMES[kind] ?? sentence(kind);
}

export function roomName(room: string, name?: string | null): string {
  return name ?? sentence(room);
}

export function useName(use: string): string {
  return USE_NAMES[use] ?? sentence(use);
}

/** The unit of a kind as it is written on a page; empty where there is none. */
export function unitText(kind: string): string {
  const spec = isKind(kind) ? KINDS[kind] : undefined;
  const unit = spec !== undefined && spec.type === 'number' ? spec.unit : '';
  return UNITS[unit] ?? unit;
}

/** A reading's value with its unit; states as yes or no; events need no value. */
export function valueText(value: number | boolean | string, kind: string): string {
  if (typeof value === 'boolean') {
    if (isKind(kind) && KINDS[kind].type === 'event') return value ? 'Happened' : 'Did not happen';
    return value ? 'Yes' : 'No';
  }
  if (typeof value === 'string') return value;
  const unit = unitText(kind);
  const number = String(Math.round(value * 100) / 100);
  return unit === '' ? number : unit === '%' || unit === '°' ? `${number}${unit}` : `${number} ${unit}`;
}
