export { HearthwatchApi, type HearthwatchApiOptions, type HubLogin } from './hearthwatch-api.js';
export type { ContactPlan, DevicePlan, HomePlan, ResidentPlan } from './home-plan.js';
export { accelerated, atFullSpeed, type Pace } from './publishing/pace.js';
export { Publisher, type Progress } from './publishing/publisher.js';
export { replay, type ReplayOptions } from './replay.js';
export { readTihmLabels, TIHM_LABEL_TYPES, type TihmLabel, type TihmLabelType } from './tihm/tihm-labels.js';
export { readTihmRecording, recordedMessages, TIHM_TIME_ZONE, type RecordedMessage, type TihmRecording } from './tihm/tihm-recording.js';
export { localDateReader } from './tihm/local-time.js';
export type { TimedMessage, Values } from './timed-message.js';
