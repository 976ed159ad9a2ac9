export { countQuarantine, keepInQuarantine, LIMITS, listQuarantine, pruneQuarantine, type Quarantined, type QuarantineFilter, type QuarantineRow } from './quarantine.js';
export { pendingReplays, replaysOf, requestReplay, settleReplays, type PendingReplay, type Replay, type ReplayConsumer, type ReplayOutcome } from './replays.js';
