const from = (address: string): string => `theengs/OMG_hall/BTtoMQTT/${address}`;

/** Messages as OpenMQTTGateway and Theengs write them, with addresses and numbers of our own. */
export const THEENGS_SAMPLES = [
  { says: 'a door', topic: from('A4C138000001'), payload: { id: 'A4:C1:38:00:00:01', rssi: -61, brand: 'Shelly', model_id: 'SBDW-002C', type: 'CTMO', packet: 93, batt: 100, lux: 87, open: true, rot: 40.6 },
    gives: ['A4C138000001 signal=-61', 'A4C138000001 battery=100', 'A4C138000001 illuminance=87', 'A4C138000001 open=true'] },
  { says: 'movement', topic: from('A4C138000002'), payload: { model_id: 'SBMO-003Z', packet: 2, batt: 100, lux: 132, motion: true }, gives: ['A4C138000002 battery=100', 'A4C138000002 illuminance=132', 'A4C138000002 motion=true'] },
  { says: 'a press', topic: from('A4C138000003'), payload: { model_id: 'SBBT-002C', packet: 29, button: 1 }, gives: ['A4C138000003 button=true'] },
  { says: 'a long press', topic: from('A4C138000003'), payload: { model_id: 'SBBT-002C', packet: 30, button: 9 }, gives: ['A4C138000003 button=true'] },
  { says: 'a beacon is no press', topic: from('A4C138000003'), payload: { model_id: 'SBBT-002C', packet: 31, batt: 90, button: 0 }, gives: ['A4C138000003 battery=90'] },
  { says: 'a person’s weight', topic: from('A4C138000004'), payload: { model_id: 'XMTZC01HM/XMTZC04HM', type: 'SCALE', weighing_mode: 'person', unit: 'kg', weight: 61.75 }, gives: ['A4C138000004 weight=61.75'] },
  { says: 'pounds are converted', topic: from('A4C138000004'), payload: { type: 'SCALE', weighing_mode: 'person', unit: 'lb', weight: 136 }, gives: ['A4C138000004 weight=61.689'] },
  { says: 'an object on the scale is nobody’s weight', topic: from('A4C138000004'), payload: { type: 'SCALE', weighing_mode: 'object', unit: 'kg', weight: 4.2 }, gives: [] },
  { says: 'a climate sensor', topic: from('A4C138000005'), payload: { type: 'THB', tempc: 19.8, tempf: 67.64, hum: 42.2, batt: 80, volt: 2.9, pres: 1_001 }, gives: ['A4C138000005 temperature=19.8', 'A4C138000005 humidity=42.2', 'A4C138000005 battery=80'] },
  { says: 'Fahrenheit alone is converted', topic: from('A4C138000005'), payload: { tempf: 70.7 }, gives: ['A4C138000005 temperature=21.5'] },
  { says: 'an address with colons, and one only in the payload', topic: 'theengs/OMG_hall/BTtoMQTT', payload: { id: 'a4:c1:38:00:00:06', smoke: true }, gives: ['A4C138000006 smoke=true'] },
  { says: 'the gateway is a hub', topic: 'theengs/OMG_hall/LWT', payload: 'offline', gives: ['hub OMG_hall offline'] },
  { says: 'the gateway’s own state', topic: 'theengs/OMG_hall/SYStoMQTT', payload: { uptime: 100, rssi: -60 }, gives: [] },
  { says: 'radio codes are not read', topic: 'theengs/OMG_hall/433toMQTT', payload: { value: 4_711 }, gives: ['HW-DECODE-TOPIC OMG_hall/433toMQTT: not read of OpenMQTTGateway; only Bluetooth is'] },
  { says: 'what cannot be read of a device says why', topic: from('A4C138000001'), payload: '{"open":', gives: ['HW-DECODE-JSON not JSON'] },
];
