import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, Service, type Login } from '../harness/service.js';

/** A hub that runs Zigbee2MQTT as docs/installers/zigbee2mqtt.md sets it up, and the whole service. */
const BASE = 'homes/h1/zigbee2mqtt';

const binary = (property: string, value_on: boolean, value_off: boolean): object => ({ type: 'binary', name: property, property, access: 1, value_on, value_off });
const listed = (friendly_name: string, model: string, description: string, ...exposes: object[]): object => ({
  ieee_address: '0x00158d0001a2b3c4', type: 'EndDevice', friendly_name, supported: true, definition: { model, vendor: 'Example', description, exposes },
});
const DEVICES = [
  { ieee_address: '0x00124b0001020304', type: 'Coordinator', friendly_name: 'Coordinator', definition: null },
  listed('pir-hall', 'RTCGQ11LM', 'Motion sensor', binary('occupancy', true, false)),
  listed('front-door', 'MCCGQ11LM', 'Door and window sensor', binary('contact', false, true)),
  listed('pendant', 'HS1EB/HS1EB-E', 'Smart emergency button', { type: 'enum', name: 'action', property: 'action', access: 1, values: ['off', 'single', 'double', 'hold'] }),
  listed('smoke-kitchen', 'JTYJ-GD-01LM/BW', 'Smoke detector', binary('smoke', true, false), binary('test', true, false)),
];

interface Item { device: string; kind: string; value: unknown }
interface Alert { rule: string; severity: string; subject: string }

let service: Service;
let login: Login;
let bridge: MqttClient;

beforeAll(async () => {
  service = await Service.create();
  await service.start();
  login = await service.home('h1');
  bridge = await connected();
});

afterAll(async () => {
  await bridge.endAsync(true);
  await service.dispose();
});

async function connected(): Promise<MqttClient> {
  const client = await mqtt.connectAsync(service.mqttUrl, { ...login, clientId: 'zigbee2mqtt', reconnectPeriod: 100, will: { topic: `${BASE}/bridge/state`, payload: Buffer.from('{"state":"offline"}'), retain: true, qos: 1 } });
  client.on('error', () => undefined); // Refused while the service is down; the client tries again.
  await client.subscribeAsync(`${BASE}/#`);
  await says(client, 'bridge/state', { state: 'online' }, true);
  await says(client, 'bridge/devices', DEVICES, true);
  return client;
}

async function says(client: MqttClient, path: string, payload: object, retain = false): Promise<void> {
  await client.publishAsync(`${BASE}/${path}`, JSON.stringify(payload), { qos: 1, retain });
}

async function readings(kind: string): Promise<unknown[]> {
  const { items } = await service.api<{ items: Item[] }>('GET', `/homes/h1/readings?kind=${kind}`);
  return items.map(({ device, value }) => [device, value]);
}

const alerts = async (): Promise<Alert[]> => (await service.api<{ items: Alert[] }>('GET', '/alerts?home=h1')).items;

test('what its bridge announces waits for adoption', async () => {
  const sightings = await eventually(10_000, async () => {
    const { items } = await service.api<{ items: { device: string }[] }>('GET', '/homes/h1/sightings');
    return items.length >= 5 ? items : undefined;
  });
  expect(sightings).toEqual(expect.arrayContaining([
    expect.objectContaining({ device: 'pendant', model: 'HS1EB/HS1EB-E', kinds: ['sos'], lastAt: null, registered: false }),
    expect.objectContaining({ device: 'zigbee2mqtt', said: 'online' }),
  ]));
});

test('movement and doors are stored once, however often their state is told again, and after the service was killed', async () => {
  await says(bridge, 'pir-hall', { occupancy: true, illuminance: 12, battery: 100, linkquality: 87 });
  await says(bridge, 'pir-hall', { occupancy: true, illuminance: 13, battery: 100, linkquality: 85 });
  await says(bridge, 'front-door', { contact: false, battery: 100, linkquality: 60 });
  await eventually(10_000, async () => (await readings('open')).length === 1);
  await service.end('SIGKILL');
  await service.start();
  await eventually(10_000, () => Promise.resolve(bridge.connected));
  await says(bridge, 'pir-hall', { occupancy: true, illuminance: 14, battery: 100, linkquality: 85 });
  await eventually(10_000, async () => (await readings('illuminance')).length === 3);
  expect(await readings('motion')).toEqual([['pir-hall', true]]);
  expect(await readings('open')).toEqual([['front-door', true]]);
});

test('a pendant pages; a detector pages for smoke, and not while it is tested', async () => {
  await says(bridge, 'smoke-kitchen', { smoke: true, test: true, linkquality: 60 });
  await says(bridge, 'smoke-kitchen', { smoke: false, test: false, linkquality: 60 });
  await says(bridge, 'pendant', { action: 'single', linkquality: 60 });
  await eventually(10_000, async () => (await alerts()).some(({ rule }) => rule === 'sos'));
  expect((await alerts()).map(({ rule, severity }) => [rule, severity])).toEqual([['sos', 'emergency']]);
  await says(bridge, 'smoke-kitchen', { smoke: true, test: false, linkquality: 60 });
  await eventually(10_000, async () => (await alerts()).some(({ rule }) => rule === 'smoke'));
});

test('a hub that is cut off is offline: its last will says so', async () => {
  bridge.stream.destroy();
  bridge.options.reconnectPeriod = 0;
  expect(await eventually(10_000, async () => {
    const { items } = await service.api<{ items: { device: string; said: string }[] }>('GET', '/homes/h1/sightings');
    return items.find(({ device, said }) => device === 'zigbee2mqtt' && said === 'offline');
  })).toBeDefined();
});
