/** Fails on a broken assumption of the programmer's, never on bad input (that is a CodedError). */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}
