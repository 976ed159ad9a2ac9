import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeMessage } from '../decode-message.js';
import type { Decoded } from '../decoded.js';
import type { DecoderMemory } from '../decoder-memory.js';
import { PSEUDONYM } from '../topics.js';
import { BRIDGE_DEVICES } from './samples.test-data.js';

const START = Date.UTC(2026, 10, 21, 2, 0, 0);
const OPTIONS = { checkClock: true, retentionMs: 30 * 86_400_000 };

/** A home whose bridge says one thing after the other; each call tells what was read. */
class Bridge {
  readonly memory: DecoderMemory = {};
  atMs = START;

  static withDevices(): Bridge {
    const bridge = new Bridge();
    bridge.says('bridge/devices', BRIDGE_DEVICES);
    return bridge;
  }

  says(path: string, payload: unknown, retain = false): Decoded {
    this.atMs += 60_000;
    const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
    return decodeMessage({ topic: `homes/h1/zigbee2mqtt/${path}`, payload: bytes, receivedMs: this.atMs, retain }, OPTIONS, this.memory);
  }

  /** What was read, but for the strength of the radio. */
  reads(path: string, payload: unknown, retain = false): Record<string, unknown> {
    const { readings, faults } = this.says(path, payload, retain);
    expect(faults).toEqual([]);
    return Object.fromEntries(readings.filter(({ kind }) => kind !== 'link_quality').map(({ kind, value }) => [kind, value]));
  }
}

describe('state is not event', () => {
  test('a movement begins when occupancy turns true, not when the light changes while it is', () => {
    const bridge = Bridge.withDevices();
    expect(bridge.reads('pir-hall', { occupancy: true, illuminance: 12, device_temperature: 27, battery: 100, voltage: 3035, linkquality: 87 })).toEqual({ motion: true, illuminance: 12, device_temperature: 27, battery: 100 });
    expect(bridge.reads('pir-hall', { occupancy: true, illuminance: 13, device_temperature: 27, battery: 100 })).not.toHaveProperty('motion');
    expect(bridge.reads('pir-hall', { occupancy: false, illuminance: 13 })).not.toHaveProperty('motion');
    expect(bridge.reads('pir-hall', { occupancy: true, illuminance: 13 })).toHaveProperty('motion', true);
  });

  test('a cached movement that comes again after a reconnect or a restart is none', () => {
    const bridge = Bridge.withDevices();
    bridge.says('pir-hall', { occupancy: true });
    expect(bridge.reads('pir-hall', { occupancy: true })).toEqual({});
    expect(bridge.reads('pir-hall', { occupancy: true }, true)).toEqual({});
    bridge.says('pir-hall', { occupancy: false });
    bridge.says('bridge/state', { state: 'online' });
    bridge.atMs -= 59_000; // The cached states follow at once.
    expect(bridge.reads('pir-hall', { occupancy: true, illuminance: 4 })).toEqual({ illuminance: 4 });
    bridge.atMs -= 59_000;
    bridge.says('pir-hall', { occupancy: false, illuminance: 4 });
    bridge.atMs -= 59_000;
    expect(bridge.reads('pir-hall', { occupancy: true, illuminance: 4 })).toHaveProperty('motion'); // Not cached: it was heard since.
  });

  test('a sensor that is heard again, saying nothing of a movement, has seen none', () => {
    const bridge = Bridge.withDevices();
    const hit = { occupancy: true, illuminance: 12 };
    expect(bridge.reads('pir-hall', { ...hit, last_seen: '2026-11-21T02:00:50Z' })).toHaveProperty('motion');
    expect(bridge.reads('pir-hall', { ...hit, last_seen: '2026-11-21T02:02:10Z' })).not.toHaveProperty('motion');
  });

  test('memory is plain data: written and read again between any two messages it gives the same', () => {
    const plain = Bridge.withDevices();
    const stored = Bridge.withDevices();
    for (const payload of [{ occupancy: true }, { occupancy: true, illuminance: 3 }, { occupancy: false }, { occupancy: true }]) {
      Object.assign(stored.memory, JSON.parse(JSON.stringify(stored.memory)) as DecoderMemory);
      expect(stored.says('pir-hall', payload)).toEqual(plain.says('pir-hall', payload));
    }
  });
});

describe('alarms', () => {
  test('a contact that says false is open', () => {
    const bridge = Bridge.withDevices();
    expect(bridge.reads('door front', { contact: false, trigger_count: 4 })).toEqual({ open: true });
    expect(bridge.reads('door front', { contact: true })).toEqual({ open: false });
  });

  test.each([
    ['smoke', { smoke: true, smoke_density: 9, test: true, battery_low: false }], ['carbon_monoxide', { carbon_monoxide: true, test: true }],
  ])('%s of a test is marked as one, and without it is not', (kind, payload) => {
    const bridge = new Bridge();
    expect(bridge.says('detector', payload).readings.find((reading) => reading.kind === kind)).toMatchObject({ value: true, test: true });
    expect(bridge.says('detector', { ...payload, test: false }).readings.find((reading) => reading.kind === kind)).toMatchObject({ value: true, test: false });
  });

  test.each([[{ action: 'emergency' }, 'unknown'], [{ sos: true }, 'unknown'], [{ action: 'single' }, 'pendant'], [{ action: 'double' }, 'pendant'], [{ action: 'hold' }, 'pendant']])('%j of %s is an SOS', (payload, device) => {
    expect(Bridge.withDevices().reads(device, { ...payload, battery: 90 })).toEqual({ sos: true, battery: 90 });
  });

  test('a press of any other button is a press', () => {
    const bridge = Bridge.withDevices();
    expect(bridge.reads('remote', { action: 'single' })).toEqual({ button: true });
    expect(bridge.reads('remote', { action: 'release' })).toEqual({});
    expect(bridge.reads('remote', { action: '' })).toEqual({});
    expect(bridge.reads('pendant', { action: 'off' })).toEqual({});
  });

  test('a pendant that is pressed twice calls twice, and its cached state does not call', () => {
    const bridge = new Bridge();
    expect(bridge.reads('p', { sos: true, battery: 90 })).toHaveProperty('sos');
    expect(bridge.reads('p', { sos: true, battery: 90 })).toHaveProperty('sos'); // A second press says nothing else.
    expect(bridge.reads('p', { sos: true, battery: 89 })).toEqual({ battery: 89 });
    bridge.says('bridge/state', 'online');
    bridge.atMs -= 59_000;
    expect(bridge.reads('p', { sos: true, battery: 89 })).toEqual({ battery: 89 });
  });

  test('one press that the radio tells three times is one; a keypad that tells it twice over, too', () => {
    const bridge = new Bridge();
    const presses = ['02:00:50.000', '02:00:50.700', '02:00:51.900', '02:01:30.000'].map((time) => bridge.reads('p', { sos: true, last_seen: `2026-11-21T${time}Z` }));
    expect(presses.map(({ sos }) => sos)).toEqual([true, undefined, undefined, true]);
    expect(bridge.says('keypad', { action: 'sos', sos_alarm: true }).readings).toHaveLength(1);
    expect(bridge.reads('keypad', { sos_alarm: true })).toEqual({}); // It stays on until somebody disarms it.
  });

  test('an action that was retained comes again after a reconnect and is no second press', () => {
    const bridge = new Bridge();
    expect(bridge.reads('p', { action: 'emergency' }, true)).toHaveProperty('sos');
    bridge.says('bridge/state', 'online');
    bridge.atMs -= 59_000;
    expect(bridge.reads('p', { action: 'emergency' }, true)).toEqual({});
    expect(bridge.reads('p', { action: 'emergency' })).toHaveProperty('sos');
  });

  test('falls: the beginning of one, not a warning and not that it goes on', () => {
    const bridge = Bridge.withDevices();
    expect(bridge.reads('fall', { status: 'occupied', breathing_rate: 14 })).toEqual({ presence: true, respiratory_rate: 14 });
    expect(bridge.reads('fall', { status: 'falling', breathing_rate: 14 })).toEqual({ fall: true, presence: true, respiratory_rate: 14 });
    expect(bridge.reads('fall', { status: 'falling', breathing_rate: 15 })).toEqual({ presence: true, respiratory_rate: 15 });
    expect(bridge.reads('fall', { status: 'unoccupied', breathing_rate: 0 })).toEqual({ presence: false });
    expect(bridge.reads('heiman', { fall_status: 'fall_warning' })).toEqual({});
    expect(bridge.reads('heiman', { fall_status: 'fall_alarm' })).toEqual({ fall: true });
    expect(bridge.reads('mir', { fall_down_status: 'maybe_fall' })).toEqual({});
    expect(bridge.reads('mir', { fall_down_status: 'fall' })).toEqual({ fall: true });
  });

  test('one value that cannot be read takes no alarm with it', () => {
    const decoded = Bridge.withDevices().says('climate', { temperature: 451, smoke: true, sos: true });
    expect(decoded.readings.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['smoke', 'sos']));
    expect(decoded.faults).toEqual([{ code: 'HW-DECODE-RANGE', reason: 'temperature: 451 is outside -40…85', home: 'h1', device: 'climate' }]);
  });
});

describe('measurements', () => {
  test('null says nothing, and neither does what no kind stands for', () => {
    expect(Bridge.withDevices().reads('climate', { temperature: null, humidity: 44.7, pressure: 1001, comfort_humidity_min: 40, update: { state: 'idle' } })).toEqual({ humidity: 44.7, pressure: 1001 });
  });

  test('a temperature in °F, by its definition, becomes °C; that of the device is not the room', () => {
    const bridge = Bridge.withDevices();
    expect(bridge.reads('thermo-f', { temperature: 70.7 })).toEqual({ temperature: 21.5 });
    expect(bridge.reads('pir-hall', { device_temperature: 31 })).toEqual({ device_temperature: 31 });
  });

  test('two sockets of one plug are two devices', () => {
    const bridge = Bridge.withDevices();
    expect(bridge.says('sockets', { state_l1: 'ON', power_l1: 1450, power_l2: 0, linkquality: 90 }).readings.map(({ device, kind, value }) => [device, kind, value])).toEqual([
      ['sockets_l1', 'power', 1450], ['sockets_l2', 'power', 0], ['sockets', 'link_quality', 90],
    ]);
  });

  test('a radar sees who sits still; a bed pad tells who lies in it', () => {
    const bridge = Bridge.withDevices();
    expect(bridge.reads('radar', { presence: true, motion_state: 'static', illuminance: 30 })).toEqual({ presence: true, illuminance: 30 });
    expect(bridge.reads('bed', { contact: true, battery_low: true })).toEqual({ bed_occupied: true, battery_low: true });
  });

  test('vibration is an event, as a property and as an action', () => {
    const bridge = new Bridge();
    expect(bridge.reads('v', { action: 'drop' })).toEqual({ vibration: true });
    expect(bridge.reads('v', { vibration: true, strength: 12 })).toEqual({ vibration: true });
    expect(bridge.reads('v', { vibration: true, strength: 14 })).toEqual({});
  });
});

describe('the bridge', () => {
  test('announces what its devices measure', () => {
    const { announced } = new Bridge().says('bridge/devices', BRIDGE_DEVICES);
    expect(announced).toEqual(expect.arrayContaining([
      { device: 'pir-hall', model: 'RTCGQ11LM', kinds: ['battery', 'device_temperature', 'illuminance', 'motion'] },
      { device: expect.stringMatching(/^door-front-[0-9a-f]{8}$/), model: 'MCCGQ11LM', kinds: ['battery', 'open'] },
      { device: 'pendant', model: 'HS1EB/HS1EB-E', kinds: ['battery', 'sos'] },
      { device: 'sockets_l1', model: 'TS011F_2_gang', kinds: ['power'] }, { device: 'sockets_l2', model: 'TS011F_2_gang', kinds: ['power'] },
    ]));
    expect(announced?.some(({ device }) => device === 'Coordinator')).toBe(false);
  });

  test('and its devices are online or not', () => {
    const bridge = Bridge.withDevices();
    const hub = { home: 'h1', hub: 'zigbee2mqtt' };
    expect(bridge.says('bridge/state', { state: 'online' })).toMatchObject({ readings: [], faults: [], status: { ...hub, online: true } });
    expect(bridge.says('bridge/state', 'offline', true)).toMatchObject({ status: { ...hub, online: false } });
    expect(bridge.says('bridge/health', { response_time: 1, mqtt: { connected: true, queued: 3 } })).toMatchObject({ status: { ...hub, online: true, queued: 3 } });
    expect(bridge.says('pir-hall/availability', { state: 'offline' }, true)).toMatchObject({ status: { home: 'h1', device: 'pir-hall', online: false } });
    expect(bridge.says('upstairs/pir/availability', 'online').status?.device).toMatch(/^upstairs-pir-/);
    expect(bridge.says('bridge/event', { type: 'device_leave', data: { ieee_address: '0x1', friendly_name: 'pir-hall' } })).toMatchObject({ status: { device: 'pir-hall', online: false } });
  });

  test.each(['bridge/logging', 'bridge/info', 'bridge/groups', 'bridge/response/permit_join', 'bridge/definitions', 'lamp/set', 'lamp/get', 'lamp/set/state'])('%s is nothing to us, and no fault', (path) => {
    expect(new Bridge().says(path, '{"state":"ON"}')).toEqual({ readings: [], faults: [] });
  });

  test('what was retained and is removed says nothing', () => {
    expect(new Bridge().says('pir-hall', '')).toEqual({ readings: [], faults: [] });
  });

  test('forgets devices that are no longer listed, and knows 300 at most', () => {
    const bridge = Bridge.withDevices();
    bridge.says('bridge/devices', []);
    for (let index = 0; index < 500; index++) bridge.says(`stranger-${index}`, { occupancy: true });
    const { devices } = bridge.memory.zigbee2mqtt!.part as { devices: Record<string, unknown> };
    expect(Object.keys(devices)).toHaveLength(300);
    expect(devices['/pir-hall']).toBeUndefined();
  });
});

test('when it happened is when the device was last seen, in any of the forms that the bridge writes', () => {
  const bridge = new Bridge();
  const at = (last_seen: unknown): unknown => bridge.says('d', { temperature: 20, last_seen }).readings.map(({ atMs, clock }) => [atMs, clock])[0];
  expect(at('2026-11-21T02:00:30.000Z')).toEqual([START + 30_000, 'device']);
  expect(at('2026-11-21T03:00:30+01:00')).toEqual([START + 30_000, 'device']);
  expect(at(START + 30_000)).toEqual([START + 30_000, 'device']);
  expect(at(undefined)).toEqual([bridge.atMs, 'arrival']);
  expect(at('1970-01-01T00:00:09Z')).toEqual([bridge.atMs, 'wrong']);
});

test('what is sent is never too strange: no throw, valid pseudonyms, bounded memory', () => {
  const names = fc.oneof(fc.string({ minLength: 1, unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', 'a/b', 'x/availability', 'bridge/devices', 'bridge/event', 'bridge/health', 'bridge/state', 'pir-hall'));
  const property = fc.oneof(fc.string(), fc.constantFrom('occupancy', 'action', 'contact', 'temperature', 'last_seen', 'sos', '__proto__', 'test', 'power_l1', 'status', 'friendly_name', 'definition', 'type', 'data'));
  const payload = fc.oneof(fc.json(), fc.string(), fc.dictionary(property, fc.oneof(fc.jsonValue(), fc.boolean(), fc.integer())).map((object) => JSON.stringify(object)),
    fc.array(fc.dictionary(property, fc.jsonValue())).map((list) => JSON.stringify(list)));
  fc.assert(fc.property(fc.array(fc.tuple(names, payload), { maxLength: 8 }), (messages) => {
    const bridge = Bridge.withDevices();
    for (const [name, body] of messages) {
      const { readings, faults, status } = bridge.says(name, body);
      for (const { device } of [...readings, ...(status?.device === undefined ? [] : [{ device: status.device }])]) expect(device).toMatch(PSEUDONYM);
      expect(faults.filter(({ reason }) => reason.includes('failed'))).toEqual([]);
    }
    expect(JSON.stringify(bridge.memory).length).toBeLessThan(100_000);
  }), { numRuns: 500 });
});
