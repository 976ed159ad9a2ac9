import { vitalSignRule } from './vital-sign.js';

/** Limits fitted to labels of a clinical monitoring team (TIHM), see docs/detection.md; urgent ones as in NEWS2 (Royal College of Physicians, 2017). */
export const pulse = vitalSignRule({
  id: 'pulse', title: 'Pulse outside limits', kind: 'heart_rate', words: { label: 'Pulse', unit: 'per minute' },
  limits: [
    { severity: 'urgent', beyond: '>=', parameter: 'highUrgent', value: 131, unit: '/min', min: 80, max: 220, doc: 'A pulse at or above this is urgent.' },
    { severity: 'urgent', beyond: '<=', parameter: 'lowUrgent', value: 40, unit: '/min', min: 20, max: 70, doc: 'A pulse at or below this is urgent.' },
    { severity: 'routine', beyond: '>=', parameter: 'highRoutine', value: 100, unit: '/min', min: 70, max: 200, doc: 'A pulse at or above this is raised for the next working day.' },
    { severity: 'routine', beyond: '<=', parameter: 'lowRoutine', value: 50, unit: '/min', min: 20, max: 80, doc: 'A pulse at or below this is raised for the next working day.' },
  ],
});

/** As in NEWS2. */
export const respiration = vitalSignRule({
  id: 'respiration', title: 'Respiration outside limits', kind: 'respiratory_rate', words: { label: 'Respiration', unit: 'breaths per minute' },
  limits: [
    { severity: 'urgent', beyond: '>=', parameter: 'highUrgent', value: 25, unit: '/min', min: 15, max: 60, doc: 'Respiration at or above this is urgent.' },
    { severity: 'urgent', beyond: '<=', parameter: 'lowUrgent', value: 8, unit: '/min', min: 2, max: 15, doc: 'Respiration at or below this is urgent.' },
  ],
});

/** As in NEWS2, scale 1. For a person on scale 2, by a recorded clinician's decision only, the limit is 83. */
export const oxygen = vitalSignRule({
  id: 'oxygen', title: 'Oxygen saturation below the limit', kind: 'spo2', words: { label: 'Oxygen saturation', unit: '%' },
  limits: [
    { severity: 'urgent', beyond: '<=', parameter: 'lowUrgent', value: 91, unit: '%', min: 70, max: 96, doc: 'A saturation at or below this is urgent; 83 for a person on scale 2.' },
  ],
});

export const glucose = vitalSignRule({
  id: 'glucose', title: 'Blood glucose below the limit', kind: 'blood_glucose', words: { label: 'Blood glucose', unit: 'mmol/L' },
  limits: [
    { severity: 'emergency', beyond: '<', parameter: 'lowEmergency', value: 3, unit: 'mmol/L', min: 1.5, max: 4, doc: 'Blood glucose below this is an emergency.' },
    { severity: 'urgent', beyond: '<', parameter: 'lowUrgent', value: 4, unit: 'mmol/L', min: 2, max: 6, doc: 'Blood glucose below this is urgent.' },
  ],
});

/** Limits of the TIHM data paper (Scientific Data 10:606, table 5). */
export const bodyWater = vitalSignRule({
  id: 'body-water', title: 'Body water outside limits', kind: 'body_water', words: { label: 'Body water', unit: '%' },
  limits: [
    { severity: 'routine', beyond: '>', parameter: 'highRoutine', value: 70, unit: '%', min: 45, max: 90, doc: 'Body water above this is raised for the next working day.' },
    { severity: 'routine', beyond: '<', parameter: 'lowRoutine', value: 40, unit: '%', min: 20, max: 60, doc: 'Body water below this is raised for the next working day.' },
  ],
});
