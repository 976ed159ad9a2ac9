const READINGS = 'devices/d1/readings';

/** Payloads as devices made for ThingsBoard send them. */
export const THINGSBOARD_SAMPLES = [
  { says: 'one', topic: READINGS, payload: { ts: 1_795_227_240_120, values: { temperature: 18.4, motion: true } }, gives: ['d1 temperature=18.4 -5.88 s', 'd1 motion=true -5.88 s'] },
  { says: 'several', topic: READINGS, payload: [{ ts: 1_795_227_240_000, values: { humidity: 40 } }, { ts: 1_795_227_243_000, values: { humidity: 41 } }], gives: ['d1 humidity=40 -6 s', 'd1 humidity=41 -3 s'] },
  { says: 'without a time', topic: READINGS, payload: { values: { co2: 640 } }, gives: ['d1 co2=640'] },
  { says: 'the short form is refused', topic: READINGS, payload: { temperature: 18.4 }, gives: ['HW-DECODE-SHAPE values: missing'] },
];
