/** What one model means by its actions, told by its description; kept in the home's memory. */
export type ActionDialect = 'sos-button' | 'lock' | 'remote';

const SOS_WORDS = new Set(['emergency', 'sos', 'panic']);
const SOS_PRESSES = new Set(['single', 'double', 'triple', 'hold', 'long', 'press', 'pressed', 'on']);
const SHAKEN = new Set(['vibration', 'tilt', 'drop', 'movement', 'orientation']);
/** What is no hand on a button: the end of something, a motor, a lock, a radar's regions. */
const NOBODY = /^(?:off|release|stop|stopped|opening|closing|static|recover|unknown|region_.*|.*_release|.*_stop)$|lock/;

/**
 * The event that an action is: `sos`, `motion`, `vibration`, `button`, or none.
 * - `emergency`, `sos`, `panic` are an SOS on whatever device has such a key.
 * - On a button made for emergencies every press is one.
 * - What a shaken thing does (`drop`, or `fall`: of the thing, not of a person) is vibration.
 */
export function eventOfAction(action: string, dialect: ActionDialect | undefined): 'sos' | 'motion' | 'vibration' | 'button' | undefined {
  if (SOS_WORDS.has(action)) return 'sos';
  if (dialect === 'sos-button') return SOS_PRESSES.has(action) ? 'sos' : undefined;
  if (action === 'motion') return 'motion';
  if (SHAKEN.has(action) || (action === 'fall' && dialect === undefined)) return 'vibration';
  return action === '' || dialect === 'lock' || NOBODY.test(action) ? undefined : 'button';
}

/** How a model speaks, by the words of its definition. */
export function dialectOf(description: string): ActionDialect | undefined {
  if (/\bsos\b|emergency|panic/i.test(description)) return 'sos-button';
  if (/lock\b/i.test(description)) return 'lock';
  return /cube|remote|switch|button|keypad|dimmer|knob/i.test(description) ? 'remote' : undefined;
}
