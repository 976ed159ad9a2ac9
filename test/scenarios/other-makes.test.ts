import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, Service, type Login } from '../harness/service.js';

/** A home whose devices speak for themselves, set up as docs/installers/other-makes.md says, and the whole service. */
let service: Service;
let hub: MqttClient;
let mounted: MqttClient;

interface Item { device: string; kind: string; value: unknown }

beforeAll(async () => {
  service = await Service.create();
  await service.start();
  const login = await service.home('h1');
  hub = await mqtt.connectAsync(service.mqttUrl, { ...login, clientId: 'hub' });
  const other = await service.api<Login>('POST', '/homes/h1/credentials', { kind: 'mounted' });
  mounted = await mqtt.connectAsync(service.mqttUrl, { username: other.username, password: other.password, clientId: 'shelly' });
});

afterAll(async () => {
  await Promise.all([hub.endAsync(true), mounted.endAsync(true)]);
  await service.dispose();
});

const written = (payload: unknown): string => (typeof payload === 'string' ? payload : JSON.stringify(payload));
const says = async (topic: string, payload: unknown, retain = false): Promise<unknown> => hub.publishAsync(`homes/h1/${topic}`, written(payload), { qos: 1, retain });
const saysMounted = async (topic: string, payload: unknown, retain = false): Promise<unknown> => mounted.publishAsync(topic, written(payload), { qos: 1, retain });

async function readings(kind: string): Promise<unknown[]> {
  const { items } = await service.api<{ items: Item[] }>('GET', `/homes/h1/readings?kind=${kind}`);
  return items.map(({ device, value }) => [device, value]);
}

const rules = async (): Promise<string[]> => (await service.api<{ items: { rule: string; subject: string }[] }>('GET', '/alerts?home=h1')).items.map(({ rule }) => rule).toSorted();

test('each speaks its own format, and is stored in ours', async () => {
  await says('tasmota/tele/kettle/SENSOR', { Time: '2026-11-21T02:14:05', ENERGY: { Power: 2_635 } });
  await says('esphome/bedroom/binary_sensor/bed_occupied/state', 'ON', true);
  await says('senml/meter', [{ n: 'temperature', u: 'degF', v: 70.7 }]);
  await saysMounted('shellies/shellydw2-1/sensor/state', 'open');
  await eventually(10_000, async () => (await readings('open')).length === 1);
  expect([await readings('power'), await readings('bed_occupied'), await readings('temperature'), await readings('open')]).toEqual([[['kettle', 2_635]], [['bedroom', true]], [['meter', 21.5]], [['shellydw2-1', true]]]);
});

test('a Bluetooth pendant that was registered pages; a neighbour’s smoke alarm does not', async () => {
  await service.api('POST', '/homes/h1/devices', { id: 'A4C138000003', room: 'other', name: 'worn', use: 'alarm', kinds: ['sos'], resident: 'r1' });
  await says('theengs/hall/BTtoMQTT/A4C138000099', { packet: 1, smoke: true });
  await says('theengs/hall/BTtoMQTT/A4C138000003', { packet: 6, button: 0 });
  await eventually(10_000, async () => {
    await says('theengs/hall/BTtoMQTT/A4C138000003', { packet: 7, button: 1 }); // The same packet, over and over.
    return (await rules()).includes('sos');
  });
  expect(await rules()).toEqual(['sos']);
  expect(await readings('sos')).toEqual([['A4C138000003', true]]);
});

test('a device of any make tells what its own topics mean, and its smoke pages', async () => {
  await saysMounted('homeassistant/binary_sensor/alarm7/config', { stat_t: '~/state', '~': 'alarm7', val_tpl: '{{ value_json.smoke }}', pl_on: true, pl_off: false, dev_cla: 'smoke', dev: { ids: 'alarm7', mdl: 'A7' } }, true);
  await saysMounted('alarm7/state', { smoke: true });
  await eventually(10_000, async () => (await rules()).includes('smoke'));
  expect(await readings('smoke')).toEqual([['alarm7', true]]);
});
