export { decodeMessage, memoryHome } from './decode-message.js';
export type { Announcement, DecodeFault, DecodeFaultCode, DecodeOptions, Decoded, DeviceStatus, Message } from './decoded.js';
export { familyPart, type DecoderMemory } from './decoder-memory.js';
export { ALARM_KINDS, KINDS, isKind, type Kind, type KindSpec, type KindType } from './kinds.js';
export { pointTimeUs } from './point-time.js';
export { readingIdentity } from './reading-identity.js';
export type { ClockQuality, Reading } from './reading.js';
export { PSEUDONYM, isServiceTopic, parseTopic, type Topic } from './topics.js';
