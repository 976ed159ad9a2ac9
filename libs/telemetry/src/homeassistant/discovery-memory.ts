import { familyPart, type DecoderMemory } from '../decoder-memory.js';
import type { LastStates } from '../last-states.js';
import type { DiscoveredEntity } from './discovered-entity.js';

const VERSION = 1;

export interface DiscoveryMemory {
  /** By the topic of the message that told of it, with `#<component>` where it told of several. */
  entities: Record<string, DiscoveredEntity>;
  states: LastStates;
}

/** What discovery messages of a home have told. */
export function discoveryMemory(memory: DecoderMemory): DiscoveryMemory {
  return familyPart(memory, 'homeassistant', VERSION, () => ({ entities: {}, states: {} }));
}

/** What was told of a topic below the home, without making a memory where there is none. */
export function discoveredOn(memory: DecoderMemory, topic: string): { slot: string; entity: DiscoveredEntity }[] {
  if (!Object.hasOwn(memory, 'homeassistant')) return [];
  return Object.entries(discoveryMemory(memory).entities).filter(([, entity]) => entity.topic === topic).map(([slot, entity]) => ({ slot, entity }));
}
