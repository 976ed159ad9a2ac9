const SHARED = { avty_t: '~/online', pl_avail: 'true', pl_not_avail: 'false', dev: { ids: ['weather7'], mdl: 'Bridge 7', name: 'Kitchen' }, '~': 'weather7' };

/** Discovery messages, and the messages that they explain, in the order in which they come. */
export const HOMEASSISTANT_SAMPLES = [
  { says: 'a flood sensor tells what its topic means', topic: 'homeassistant/binary_sensor/flood7/config', payload: { stat_t: '~sensor/flood', pl_on: 'true', pl_off: 'false', exp_aft: 51_839, dev_cla: 'moisture', '~': 'flood7/' }, gives: ['flood7 announced null water_leak'] },
  { says: 'a leak', topic: 'flood7/sensor/flood', payload: 'true', gives: ['flood7 water_leak=true'] },
  { says: 'a device with several sensors in one topic', topic: 'homeassistant/sensor/weather7/t/config', payload: { ...SHARED, stat_t: '~/state', val_tpl: '{{ value_json.t | float }}', dev_cla: 'temperature', unit_of_meas: '°F' }, gives: ['weather7 announced Bridge 7 temperature'] },
  { says: 'and another', topic: 'homeassistant/sensor/weather7/h/config', payload: { ...SHARED, stat_t: '~/state', val_tpl: "{{ value_json['h'] / 10 }}", dev_cla: 'humidity', unit_of_meas: '%' }, gives: ['weather7 announced Bridge 7 temperature,humidity'] },
  { says: 'and one that is on or off', topic: 'homeassistant/binary_sensor/weather7/m/config', payload: { ...SHARED, stat_t: '~/state', val_tpl: "{{ 'ON' if value_json.m == 1 else 'OFF' }}", dev_cla: 'motion' }, gives: ['weather7 announced Bridge 7 temperature,humidity,motion'] },
  { says: 'all three are read', topic: 'weather7/state', payload: { t: '70.7', h: 444, m: 1 }, gives: ['weather7 temperature=21.5', 'weather7 humidity=44.4', 'weather7 motion=true'] },
  { says: 'what is still so is no new movement, and a field that is not there says nothing', topic: 'weather7/state', payload: { h: 445, m: 1 }, gives: ['weather7 humidity=44.5'] },
  { says: 'it is gone', topic: 'weather7/online', payload: 'false', gives: ['weather7 offline'] },
  { says: 'a whole device in one message', topic: 'homeassistant/device/pendant9/config', payload: { dev: { ids: 'pendant9', mdl: 'P9' }, o: { name: 'x' }, cmps: { sos: { p: 'event', stat_t: 'p9/sos' }, batt: { p: 'sensor', dev_cla: 'battery', unit_of_meas: '%', stat_t: 'p9/batt', ent_cat: 'diagnostic' }, ip: { p: 'sensor', stat_t: 'p9/ip', ent_cat: 'diagnostic' }, led: { p: 'light', cmd_t: 'p9/led' } } },
    gives: ['pendant9 announced P9 sos,battery'] },
  { says: 'an SOS', topic: 'p9/sos', payload: '{"event_type":"press"}', gives: ['pendant9 sos=true'] },
  { says: 'its battery', topic: 'p9/batt', payload: '77', gives: ['pendant9 battery=77'] },
  { says: 'its address is not read', topic: 'p9/ip', payload: '192.0.2.7', gives: ['HW-DECODE-TOPIC no topic of ours, and no discovery message has told what it means'] },
  { says: 'a trigger', topic: 'homeassistant/device_automation/remote3/a/config', payload: { atype: 'trigger', t: 'remote3/action', pl: 'single', type: 'button_short_press', stype: 'a', dev: { ids: 'remote3' } }, gives: ['remote3 announced null button'] },
  { says: 'its payload is a press', topic: 'remote3/action', payload: 'single', gives: ['remote3 button=true'] },
  { says: 'another payload is another trigger', topic: 'remote3/action', payload: 'double', gives: [] },
  { says: 'a template that is not understood', topic: 'homeassistant/binary_sensor/odd/config', payload: { stat_t: 'odd/state', dev_cla: 'smoke', val_tpl: '{% if value_json.a %}ON{% endif %}' }, gives: ['odd announced null smoke', 'HW-DECODE-TEMPLATE binary_sensor/odd/config: value_template: not one expression in {{ }}'] },
  { says: 'and its messages say so too', topic: 'odd/state', payload: { a: 1 }, gives: ['HW-DECODE-TEMPLATE smoke: value_template: not one expression in {{ }}'] },
  { says: 'a lamp senses nothing', topic: 'homeassistant/light/l/config', payload: { cmd_t: 'l/set', stat_t: 'l/state' }, gives: [] },
  { says: 'what is read by itself is not read twice', topic: 'homeassistant/binary_sensor/0x1/contact/config', payload: { stat_t: 'homes/h1/zigbee2mqtt/0x1', val_tpl: '{{ value_json.contact }}', dev_cla: 'door' }, gives: [] },
  { says: 'another home’s topic is refused', topic: 'homeassistant/binary_sensor/x/config', payload: { stat_t: 'homes/h2/x', dev_cla: 'smoke' }, gives: ['HW-DECODE-FIELD binary_sensor/x/config: a topic of another home'] },
  { says: 'the device was taken away', topic: 'homeassistant/binary_sensor/flood7/config', payload: '', gives: [] },
  { says: 'and is no longer read', topic: 'flood7/sensor/flood', payload: 'true', gives: ['HW-DECODE-TOPIC no topic of ours, and no discovery message has told what it means'] },
];
