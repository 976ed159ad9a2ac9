import type { FamilyDecoder } from './foreign-message.js';
import type { ForeignFamily } from './topics.js';

/** One row a family of devices; a family without one is kept in quarantine until it has. */
export const FAMILIES: Partial<Record<ForeignFamily, FamilyDecoder>> = {
};
