import type { AnyRule } from './engine/rule.js';
import { coldHome } from './rules/cold-home.js';
import { carbonMonoxide, gas, smoke, waterLeak } from './rules/detectors.js';
import { deviceSilent } from './rules/device-silent.js';
import { fall } from './rules/fall.js';
import { hubSilent } from './rules/hub-silent.js';
import { inactivity } from './rules/inactivity.js';
import { nightExit } from './rules/night-exit.js';
import { sos } from './rules/sos.js';
import { bloodPressure } from './vital-signs/blood-pressure.js';
import { bodyTemperature } from './vital-signs/body-temperature.js';
import { bodyWater, glucose, oxygen, pulse, respiration } from './vital-signs/simple-vital-signs.js';
import { weight } from './vital-signs/weight.js';

/** Every rule, in the order in which they speak. A new rule is one file and one line here. */
export const RULES: readonly AnyRule[] = [
  sos, fall, smoke, carbonMonoxide, gas, waterLeak,
  bloodPressure, pulse, respiration, oxygen, bodyTemperature, weight, bodyWater, glucose,
  nightExit, inactivity, coldHome,
  hubSilent, deviceSilent,
];
