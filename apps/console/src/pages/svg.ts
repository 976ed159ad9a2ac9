/** Text made safe inside SVG: devices and staff may have written anything. */
export function xml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** A stretch of time drawn over the whole width; x is told in percent, so a picture fits any screen without shrinking its text. */
export interface TimeAxis { startMs: number; endMs: number; timeZone: string }

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));

/** Where a moment lies: 0 to 100, the ends for what is outside. */
export function percent({ startMs, endMs }: TimeAxis, ms: number): number {
  return Math.round(clamp(((ms - startMs) / (endMs - startMs)) * 100, 0, 100) * 1_000) / 1_000;
}
