/**
 * What the decoders of one home remember from message to message: what a bridge said of its devices,
 * each device's last state, the number of a beacon's last packet. Plain JSON, changed in place by
 * `decodeMessage`, one for each consumer and home, owned, saved and loaded by the caller together with its position:
 * decoding the same messages from the same memory gives the same readings. Each family keeps one
 * part under its own name and bounds it.
 */
export type DecoderMemory = Record<string, { version: number; part: unknown }>;

/**
 * A family's part of a home's memory, made fresh where there is none, or one of another version of
 * the family's decoder: what was remembered is told again by the devices, so forgetting is safe.
 */
export function familyPart<T>(memory: DecoderMemory, family: string, version: number, fresh: () => T): T {
  const kept = Object.hasOwn(memory, family) ? memory[family] : undefined;
  if (kept?.version === version) return kept.part as T;
  const part = fresh();
  memory[family] = { version, part };
  return part;
}
