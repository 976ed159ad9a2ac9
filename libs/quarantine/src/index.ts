export { countQuarantine, keepInQuarantine, LIMITS, listQuarantine, markReplayed, pruneQuarantine, type Quarantined, type QuarantineRow } from './quarantine.js';
