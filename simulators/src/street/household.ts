import type { HomePlan } from '../home-plan.js';

export type Room = 'hallway' | 'lounge' | 'kitchen' | 'bedroom' | 'bathroom';

/** Somebody's habits. Times are minutes from midnight, on the wall. */
export interface Person {
  id: string;
  wakesAt: number;
  goesToBedAt: number;
  /** Bathroom visits in a usual night. */
  nightVisits: number;
  /** How likely a morning walk or a shopping trip is. */
  outingChance: number;
  bedMat: string;
  /** Measures blood pressure after breakfast; usual values. */
  cuff?: { device: string; systolic: number; diastolic: number; heartRate: number };
  /** Measures oxygen saturation with it. */
  oximeter?: { device: string; spo2: number };
  scale?: { device: string; weight: number };
}

export interface Household {
  plan: HomePlan;
  hub: string;
  people: Person[];
  /** Where the heating keeps the rooms, °C. */
  warmth: number;
}

/** Device ids that every home of the street has. */
export const DEVICE = {
  pir: (room: Room): string => `pir-${room}`,
  frontDoor: 'door-front',
  fridge: 'door-fridge',
  climate: 'climate-lounge',
  smoke: 'smoke-hallway',
  pendant: 'pendant',
} as const;

const ROOMS: readonly Room[] = ['hallway', 'lounge', 'kitchen', 'bedroom', 'bathroom'];

/** Devices that run on a battery and check in by themselves. */
export const batteryDevices = (household: Household): string[] =>
  household.plan.devices.filter(({ kinds }) => kinds.includes('battery')).map(({ id }) => id);

function devicesOf(people: readonly Person[]): HomePlan['devices'] {
  const motion = ROOMS.map((room) => ({ id: DEVICE.pir(room), model: 'PIR', room, use: 'movement', kinds: ['motion', 'battery'] }));
  const personal = people.flatMap(({ id, bedMat, cuff, oximeter, scale }) => [
    { id: bedMat, model: 'Bed mat', room: 'bedroom', use: 'bed', kinds: ['bed_occupied', 'battery'], resident: id },
    ...(cuff ? [{ id: cuff.device, model: 'Upper-arm cuff', room: 'lounge', use: 'vital-signs', kinds: ['systolic', 'diastolic', 'heart_rate'], resident: id }] : []),
    ...(oximeter ? [{ id: oximeter.device, model: 'Finger oximeter', room: 'lounge', use: 'vital-signs', kinds: ['spo2', 'heart_rate'], resident: id }] : []),
    ...(scale ? [{ id: scale.device, model: 'Scale', room: 'bathroom', use: 'vital-signs', kinds: ['weight'], resident: id }] : []),
  ]);
  return [
    ...motion,
    { id: DEVICE.frontDoor, model: 'Door contact', room: 'hallway', use: 'exterior-door', kinds: ['open', 'battery'] },
    { id: DEVICE.fridge, model: 'Door contact', room: 'kitchen', use: 'fridge', kinds: ['open', 'battery'] },
    { id: DEVICE.climate, model: 'Climate', room: 'lounge', use: 'climate', kinds: ['temperature', 'humidity', 'battery'] },
    { id: DEVICE.smoke, model: 'Smoke detector', room: 'hallway', use: 'alarm', kinds: ['smoke', 'battery'] },
    { id: DEVICE.pendant, model: 'SOS pendant', room: 'other', use: 'wearable', kinds: ['sos', 'battery'], resident: people[0]?.id ?? 'r1' },
    ...personal,
  ].map((device) => (device.room === 'other' ? { ...device, name: 'Worn' } : device));
}

interface Entry {
  people: Person[];
  warmth: number;
  details: Record<string, string>;
}

function household(number: number, { people, warmth, details }: Entry): Household {
  const id = `street-${number}`;
  return {
    hub: 'hub-1',
    people,
    warmth,
    plan: {
      id,
      timeZone: 'Europe/London',
      details: { kind: people.length > 1 ? 'couple' : 'single', ...details },
      residents: people.map((person) => ({ id: person.id, basis: 'consent', decidedBy: 'Simulated', reviewOn: '2030-01-01' })),
      contacts: [{ name: `Family of ${id}`, role: 'family', email: `family.${id}@example.org`, phone: `01632 96000${number}` }],
      devices: devicesOf(people),
    },
  };
}

const cuff = (systolic: number, diastolic: number, heartRate: number, device = 'cuff') => ({ device, systolic, diastolic, heartRate });
const access = (number: number, keySafe: string, hazards?: string): Record<string, string> => ({
  address: `${number} Example Street (simulated)`,
  phone: `01632 96010${number}`, // Numbers that the regulator keeps for fiction.
  keySafe,
  ...(hazards === undefined ? {} : { hazards }),
});

/** The demo's street: four made-up homes with different people, habits and devices. */
export const STREET: readonly Household[] = [
  household(1, { // Lives alone and stays in; wears a pendant.
    warmth: 21.5,
    details: access(1, 'Right of the door', 'Walking frame in the hallway'),
    people: [{ id: 'r1', wakesAt: 7 * 60, goesToBedAt: 22 * 60 + 15, nightVisits: 2, outingChance: 0, bedMat: 'bed', cuff: cuff(138, 78, 72), oximeter: { device: 'oximeter', spo2: 96.5 } }],
  }),
  household(2, { // A couple; one of them has high blood pressure.
    warmth: 20.5,
    details: access(2, 'Beside the meter', 'Small dog'),
    people: [
      { id: 'r1', wakesAt: 6 * 60 + 40, goesToBedAt: 22 * 60 + 40, nightVisits: 1, outingChance: 0.8, bedMat: 'bed-left' },
      { id: 'r2', wakesAt: 7 * 60 + 30, goesToBedAt: 22 * 60, nightVisits: 1, outingChance: 0.5, bedMat: 'bed-right', cuff: cuff(149, 86, 76) },
    ],
  }),
  household(3, { // Lives alone, walks a lot, restless at night.
    warmth: 20,
    details: access(3, 'In the porch'),
    people: [{ id: 'r1', wakesAt: 6 * 60 + 20, goesToBedAt: 22 * 60 + 30, nightVisits: 2, outingChance: 0.9, bedMat: 'bed', scale: { device: 'scale', weight: 64.2 } }],
  }),
  household(4, { // Lives alone in a house that is hard to heat.
    warmth: 19.8,
    details: access(4, 'Back gate, left', 'Steep steps at the front'),
    people: [{ id: 'r1', wakesAt: 7 * 60 + 40, goesToBedAt: 23 * 60, nightVisits: 1, outingChance: 0.6, bedMat: 'bed', cuff: cuff(131, 72, 66) }],
  }),
];
