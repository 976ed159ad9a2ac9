/** Fails on a broken assumption of the programmer's, never on bad input (that is a CodedError). */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** The compiler proves that a switch is exhaustive; at run time the value is named. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`);
}
