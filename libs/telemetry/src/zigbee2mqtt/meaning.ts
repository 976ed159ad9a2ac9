/** What one property of a device's messages means; plain JSON, kept in the home's memory. */
export interface Meaning {
  /** The kind of its readings; for an `action` see actions.ts. */
  kind: string;
  /** `level`: true or false while it lasts; `onset`: an event that begins when the property turns true; `number`. */
  as: 'level' | 'onset' | 'number';
  /** Values that stand for true and for false; of others nothing is known. Levels and onsets. */
  yes?: Scalar[];
  no?: Scalar[];
  /** What a number is multiplied by, and what is then added, to have the kind's unit. */
  times?: number;
  plus?: number;
  /** The part of the device that it belongs to, such as `l2`: a device of its own beside the others. */
  part?: string;
  /** Of several properties of one kind the lowest counts; equal ones together (any that is true). */
  rank?: number;
  /** A second meaning of the same value. */
  also?: Meaning;
}

export type Scalar = string | number | boolean;

/** The truth that a value stands for; undefined if it stands for none. */
export function truthOf(meaning: Meaning, value: unknown): boolean | undefined {
  if (meaning.yes?.includes(value as Scalar)) return true;
  return meaning.no?.includes(value as Scalar) ? false : undefined;
}

/** In the kind's unit, with the tail that binary fractions leave cut off. */
export function scaled(meaning: Meaning, value: number): number {
  if (meaning.times === undefined && meaning.plus === undefined) return value;
  return Math.round((value * (meaning.times ?? 1) + (meaning.plus ?? 0)) * 1_000) / 1_000;
}
