import type { AnyRule } from './engine/rule.js';
import { sos } from './rules/sos.js';
import { bloodPressure } from './vital-signs/blood-pressure.js';

/** Every rule, in the order in which they speak. A new rule is one file and one line here. */
export const RULES: readonly AnyRule[] = [sos, bloodPressure];
