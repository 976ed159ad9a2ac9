import { expect, test } from '@jest/globals';
import { toldOf } from '../../../../test/harness/family-messages.js';
import { THINGSBOARD_SAMPLES } from './samples.js';

test.each(THINGSBOARD_SAMPLES)('the canonical format takes what is made for ThingsBoard: $says', (sample) => {
  expect(toldOf(sample)).toEqual(sample.gives);
});
