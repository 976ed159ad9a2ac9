/** Messages in the shapes that a Zigbee2MQTT 2 publishes, below its base topic; names and numbers are ours. */
export const BRIDGE_DEVICES = [
  { ieee_address: '0x00124b0001020304', type: 'Coordinator', friendly_name: 'Coordinator', supported: true, definition: null },
  listed('pir-hall', 'RTCGQ11LM', 'Motion sensor', [binary('occupancy', true, false), numeric('illuminance', 'lx'), numeric('device_temperature', '°C', 'diagnostic'), numeric('battery', '%', 'diagnostic')]),
  listed('door front', 'MCCGQ11LM', 'Door and window sensor', [binary('contact', false, true), numeric('battery', '%', 'diagnostic'), numeric('trigger_count', undefined, 'diagnostic')]),
  listed('climate', 'WSDCGQ11LM', 'Temperature and humidity sensor', [numeric('temperature', '°C'), numeric('humidity', '%'), numeric('pressure', 'hPa')]),
  listed('pendant', 'HS1EB/HS1EB-E', 'Smart emergency button', [enumeration('action', ['off', 'single', 'double', 'hold']), numeric('battery', '%', 'diagnostic')]),
  listed('remote', 'WXKG11LM', 'Wireless mini switch', [enumeration('action', ['single', 'double', 'hold', 'release'])]),
  listed('bed', 'SPM915', 'Sleeping pad monitor', [binary('contact', false, true), binary('battery_low', true, false)]),
  listed('radar', 'ZG-204ZM', 'PIR 24Ghz human presence sensor', [binary('presence', true, false), enumeration('motion_state', ['none', 'large', 'small', 'static']), numeric('illuminance', 'lx')]),
  listed('fall', 'FDS315', 'Fall Detection Sensor', [enumeration('status', ['unoccupied', 'occupied', 'sitting', 'on_the_bed', 'low_posture', 'falling']), numeric('breathing_rate', 'breaths/min')]),
  listed('sockets', 'TS011F_2_gang', 'Two sockets', [
    { type: 'switch', features: [{ ...binary('state', 'ON', 'OFF'), endpoint: 'l1', property: 'state_l1' }] },
    { ...numeric('power', 'W'), endpoint: 'l1', property: 'power_l1' }, { ...numeric('power', 'W'), endpoint: 'l2', property: 'power_l2' },
  ]),
  listed('thermo-f', 'T-1', 'Thermometer', [numeric('temperature', '°F')]),
];

function listed(friendly_name: string, model: string, description: string, exposes: unknown[]): Record<string, unknown> {
  return { ieee_address: `0x${friendly_name.length.toString(16).padStart(16, '0')}`, type: 'EndDevice', friendly_name, supported: true, disabled: false, definition: { model, vendor: 'Example', description, exposes } };
}

function binary(name: string, value_on: boolean | string, value_off: boolean | string): Record<string, unknown> {
  return { type: 'binary', name, property: name, access: 1, label: name, description: '', value_on, value_off };
}

function numeric(name: string, unit?: string, category?: string): Record<string, unknown> {
  return { type: 'numeric', name, property: name, access: 1, label: name, description: '', ...(unit === undefined ? {} : { unit }), ...(category === undefined ? {} : { category }) };
}

function enumeration(name: string, values: string[]): Record<string, unknown> {
  return { type: 'enum', name, property: name, access: 1, label: name, description: '', values };
}
