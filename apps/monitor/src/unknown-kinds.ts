import { familyPart, isKind, type Decoded, type DecoderMemory } from '#libs/telemetry';

/** Kinds that the service does not know and keeps all the same, of one home. See docs/mqtt.md. */
export const UNKNOWN_KINDS_PER_HOME_MAX = 32;

/** The home of a message with a kind that is not in the table, else undefined. */
export function homeOfUnknownKind({ readings }: Decoded): string | undefined {
  return readings.find(({ kind }) => !isKind(kind))?.home;
}

/**
 * Lets the first 32 unknown kinds of a home pass; readings of further ones become a fault, so that a
 * device that makes up names fills no store. The memory is the home's, so a restart judges the same.
 */
export function boundUnknownKinds(decoded: Decoded, memory: DecoderMemory): Decoded {
  const known = familyPart<string[]>(memory, 'unknown-kinds', 1, () => []);
  const refused = new Map<string, Decoded['readings'][number]>();
  const readings = decoded.readings.filter((reading) => {
    if (isKind(reading.kind) || known.includes(reading.kind)) return true;
    if (known.length < UNKNOWN_KINDS_PER_HOME_MAX) {
      known.push(reading.kind);
      return true;
    }
    refused.set(reading.kind, reading);
    return false;
  });
  if (refused.size === 0) return decoded;
  const faults = [...refused].map(([kind, { home, device }]) => ({
    code: 'HW-DECODE-COUNT' as const, home, device,
    reason: `values.${kind}: the home has sent ${UNKNOWN_KINDS_PER_HOME_MAX} unknown kinds already`,
  }));
  return { ...decoded, readings, faults: [...decoded.faults, ...faults] };
}
