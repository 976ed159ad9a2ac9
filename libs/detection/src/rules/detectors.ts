import { detectorRule } from './detector.js';

/** Fire, by smoke or by heat. */
export const smoke = detectorRule({
  id: 'smoke', title: 'Smoke or heat alarm', severities: ['emergency'],
  alarms: {
    smoke: { cause: 'smoke', words: 'Smoke alarm', severity: 'emergency' },
    heat: { cause: 'heat', words: 'Heat alarm', severity: 'emergency' },
  },
});

export const carbonMonoxide = detectorRule({
  id: 'carbon-monoxide', title: 'Carbon monoxide alarm', severities: ['emergency'],
  alarms: {
    carbon_monoxide: { cause: 'carbon-monoxide', words: 'Carbon monoxide alarm', severity: 'emergency' },
    carbon_monoxide_ppm: { cause: 'carbon-monoxide-level', words: 'Carbon monoxide', severity: 'emergency', levelParameter: 'levelMax' },
  },
  // Proposal, for sensors that send a level and do not judge it: well above what cooking makes.
  parameters: { levelMax: { default: 100, unit: '[ppm]', min: 10, max: 1_000, doc: 'A sensor that sends a level pages from this on.' } },
});

export const gas = detectorRule({
  id: 'gas', title: 'Gas alarm', severities: ['emergency'], alarms: { gas: { cause: 'gas', words: 'Gas alarm', severity: 'emergency' } },
});

export const waterLeak = detectorRule({
  id: 'water-leak', title: 'Water leak', severities: ['urgent'], alarms: { water_leak: { cause: 'water-leak', words: 'Water leak', severity: 'urgent' } },
});
