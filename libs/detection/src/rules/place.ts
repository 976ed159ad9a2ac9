import type { DeviceFact } from '../home-facts.js';

/** ` in the kitchen`, for a sentence; empty where the room says nothing, is not known, or moves about. */
export function place(device: DeviceFact | undefined): string {
  if (device === undefined || device.room === 'other' || device.use === 'wearable') return '';
  return `${device.room === 'landing' ? ' on' : ' in'} the ${device.room}`;
}
