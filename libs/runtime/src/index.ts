export { assert } from './assert.js';
export { ManualClock, days, hours, minutes, seconds, systemClock, type Clock } from './clock.js';
export { CodedError, type ErrorCode } from './errors.js';
export { createLogger, type Logger } from './log.js';
export { Counter, Gauge, Histogram, aggregateMetrics, metrics, metricsJson, type MetricsJson } from './metrics.js';
export { KNOWN_VARIABLES, Settings, readSettings, type Role } from './settings.js';
export { answerReports, gatherReports, type RoleReport } from './thread-reports.js';
