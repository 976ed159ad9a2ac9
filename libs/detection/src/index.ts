export type { Evidence, Finding, Severity } from './finding.js';
export type { ContextFact, DeviceFact, FleetBucket, HomeFacts, RuleFact } from './home-facts.js';
