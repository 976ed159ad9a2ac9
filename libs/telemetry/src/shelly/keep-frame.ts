import { readingTime } from '../canonical/reading-time.js';
import { keepFault, keepValue, type ReadingTemplate } from '../foreign-message.js';
import { isSosName } from '../named-kind.js';
import { isObject } from '../plain-value.js';
import { pseudonymOf } from '../pseudonym.js';
import type { ShellyWork } from './decode-shelly.js';
import { keepComponent } from './keep-component.js';

const COMPONENTS_MAX = 200;
/** A `ts` below this (September 2001) is no time of day but how long the device has been awake. */
const TIME_OF_DAY_FROM_S = 1_000_000_000;

/**
 * A frame of `events/rpc`: the components that changed (`NotifyStatus`), all of them (`NotifyFullStatus`, which a sleeping
 * device sends when it wakes), or presses (`NotifyEvent`). Requests and answers of the device's RPC say nothing.
 */
export function keepFrame(work: ShellyWork, { method, params }: Record<string, unknown>): void {
  if (method !== 'NotifyStatus' && method !== 'NotifyFullStatus' && method !== 'NotifyEvent') return;
  if (!isObject(params)) {
    keepFault(work.decoded, work.template, 'HW-DECODE-SHAPE', 'params: not an object');
    return;
  }
  const timed = { ...work, template: { ...work.template, ...timeOf(params, work) } };
  if (method === 'NotifyEvent') {
    if (Array.isArray(params.events)) for (const event of params.events.slice(0, COMPONENTS_MAX)) keepEvent(timed, event, params);
    return;
  }
  for (const [component, part] of Object.entries(params).slice(0, COMPONENTS_MAX)) if (isObject(part)) keepComponent(timed, component, part);
}

/** The frame's `ts`, in seconds; a device that does not know the time (`sys.unixtime` is null) counts from its start. */
function timeOf({ ts, sys }: Record<string, unknown>, { template, options }: ShellyWork): Pick<ReadingTemplate, 'atMs' | 'clock'> {
  const clockless = isObject(sys) && sys.unixtime === null;
  if (typeof ts !== 'number' || ts < TIME_OF_DAY_FROM_S || clockless) return { atMs: template.receivedMs, clock: 'arrival' };
  const { atMs, clock } = readingTime(ts * 1_000, undefined, template.receivedMs, options);
  return { atMs, clock };
}

/** `{"component":"input:0","event":"single_push","ts":…}`; `btn_down` and `btn_up` are halves of a push. */
function keepEvent({ decoded, template, name }: ShellyWork, event: unknown, params: Record<string, unknown>): void {
  if (!isObject(event) || typeof event.component !== 'string' || typeof event.event !== 'string') return;
  if (!/^(?:\w+_push|hold_press|press|double_press|triple_press|long_press)$/.test(event.event)) return;
  const [type] = event.component.split(':');
  if (type !== 'input' && type !== 'bthomedevice') return;
  const device = type === 'input' ? name : `${name}-${event.component.replace(':', '-')}`;
  const kind = isSosName(device) ? 'sos' : 'button';
  // The frame's own time was judged; the event's differs by less than the frame took.
  keepValue(decoded, { ...template, device: type === 'input' ? template.device : pseudonymOf(device) }, kind, true, `${event.component}.${String(params.ts)}`);
}
