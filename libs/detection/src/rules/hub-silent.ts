import type { HubState } from '../engine/home-state.js';
import { rule, type RuleState, type Saying, type Status } from '../engine/rule.js';
import type { RuleContext } from '../engine/rule-context.js';
import { totalMs, withoutPeriods } from '../time/period.js';
import { dayAndTime, spoken } from '../time/spoken.js';

const length = (minutes: number, doc: string) => ({ default: minutes * 60_000, unit: 'ms', min: 0, max: 86_400_000, doc });

const PARAMETERS = {
  silentAfterMs: length(60, 'Silent after this time without a heartbeat; hubs send one every five minutes.'),
  offlineAfterMs: length(2, 'A hub that says it is going, or whose connection breaks, has this time to come back.'),
  mainsAfterMs: length(2, 'Mains power may be away for this time.'),
};
type Context = RuleContext<typeof PARAMETERS>;

const SILENT = 'silent';
const MAINS = 'mains';
/** Readings bring a hub back too, without a status; so it is looked at again. */
const LOOK_AGAIN_MS = 5 * 60_000;

interface Said {
  episode: string;
  fromMs: number;
}

interface HubSilentState extends RuleState {
  /** Since when it says that it is offline. */
  offlineMs?: number;
  silent?: Said;
  /** Since when it says that mains power is away. */
  mainsOffMs?: number;
  mains?: Said;
  /** When silence and mains power are looked at next. */
  silentDueMs: number;
  mainsDueMs?: number;
}

/**
 * Nothing comes from a home's hub: nobody there is being watched. 60 min without a heartbeat, 2 min after it
 * said so itself; and separately, that it runs on its battery. A hub counts from its first status on.
 */
export const hubSilent = rule<HubSilentState>()({
  id: 'hub-silent',
  version: 1,
  title: 'Hub silent or without mains power',
  severities: ['urgent'],
  lane: 'sorted',
  needs: [],
  subject: 'device',
  enabledByDefault: true,
  parameters: PARAMETERS,
  advance: (state) => ({ state }),

  status: (state, status, context) => {
    if (status.hub === undefined) return { state };
    const said: Saying[] = [];
    const next: HubSilentState = { ...state, silentDueMs: status.atMs + context.parameters.silentAfterMs };
    if (status.online) {
      delete next.offlineMs;
      if (next.silent !== undefined) said.push(ended(SILENT, next.silent, 'is heard again', status.atMs, context));
      delete next.silent;
    } else {
      next.offlineMs ??= status.atMs;
      next.silentDueMs = next.offlineMs + context.parameters.offlineAfterMs;
    }
    mainsTold(next, status, said, context);
    return { state: timed(next), says: said };
  },

  due: (state, dueMs, context) => {
    const says: Saying[] = [];
    const next = { ...state };
    if (next.mainsDueMs !== undefined && dueMs >= next.mainsDueMs && next.mainsOffMs !== undefined) {
      delete next.mainsDueMs;
      const key = context.key(MAINS, next.mainsOffMs, 'urgent');
      next.mains = { episode: key, fromMs: next.mainsOffMs };
      const when = dayAndTime(context.timeZone, next.mainsOffMs, context.nowMs);
      says.push(raising(MAINS, next.mains, `Hub ${context.subject.id} has run on its battery since ${when}: mains power is away or it was unplugged`, 'The hub has lost mains power'));
    }
    const hub = context.memory.hubs[`hub:${context.subject.id}`];
    if (hub !== undefined && dueMs >= next.silentDueMs) silence(next, hub, dueMs, says, context);
    return { state: timed(next), says };
  },
});

function mainsTold(next: HubSilentState, status: Status, says: Saying[], context: Context): void {
  if (status.mains === false && next.mainsOffMs === undefined) {
    next.mainsOffMs = status.atMs;
    next.mainsDueMs = status.atMs + context.parameters.mainsAfterMs;
  }
  if (status.mains !== true) return;
  if (next.mains !== undefined) says.push(ended(MAINS, next.mains, 'has mains power again', status.atMs, context));
  delete next.mains;
  delete next.mainsOffMs;
  delete next.mainsDueMs;
}

/** Looks whether the hub is silent or heard again; changes the state that is being made. */
function silence(next: HubSilentState, hub: HubState, dueMs: number, says: Saying[], context: Context): void {
  const { silentAfterMs } = context.parameters;
  const offline = next.offlineMs !== undefined && !hub.online;
  if (!offline) delete next.offlineMs;
  const silentMs = totalMs(withoutPeriods({ fromMs: hub.heardMs, untilMs: dueMs }, context.unheard()));
  const isSilent = offline || silentMs >= silentAfterMs;
  if (isSilent && next.silent === undefined) {
    const fromMs = offline ? (next.offlineMs ?? hub.heardMs) : hub.heardMs;
    next.silent = { episode: context.key(SILENT, fromMs, 'urgent'), fromMs };
    const when = dayAndTime(context.timeZone, fromMs, context.nowMs);
    const reason = offline
      ? `Hub ${context.subject.id} has been offline since ${when}: nobody there is being watched`
      : `Nothing from hub ${context.subject.id} since ${when}, for ${spoken(silentMs)}; limit ${spoken(silentAfterMs)}. Nobody there is being watched`;
    says.push(raising(SILENT, next.silent, reason, 'The monitoring equipment at home is not connected'));
  }
  if (!isSilent && next.silent !== undefined) {
    says.push(ended(SILENT, next.silent, 'is heard again', hub.heardMs, context));
    delete next.silent;
  }
  next.silentDueMs = next.silent === undefined ? dueMs + Math.max(1_000, silentAfterMs - silentMs) : dueMs + LOOK_AGAIN_MS;
}

function raising(cause: string, said: Said, reason: string, familyReason: string): Saying {
  return { change: 'raise', cause, severity: 'urgent', fromMs: said.fromMs, step: 'urgent', episode: said.episode, reason, familyReason, evidence: [] };
}

function ended(cause: string, said: Said, what: string, atMs: number, context: Context): Saying {
  return {
    change: 'clear', cause, severity: 'urgent', fromMs: said.fromMs, step: 'clear', episode: said.episode,
    reason: `Hub ${context.subject.id} ${what} at ${dayAndTime(context.timeZone, atMs, context.nowMs)}`,
    familyReason: 'The monitoring equipment at home works again', evidence: [],
  };
}

function timed(state: HubSilentState): HubSilentState {
  return { ...state, dueAtMs: Math.min(state.silentDueMs, state.mainsDueMs ?? Infinity) };
}
