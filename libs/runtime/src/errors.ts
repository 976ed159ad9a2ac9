/** Every code has an entry in docs/errors.md; a test holds the two against each other. */
export type ErrorCode = `HW-${string}`;

/**
 * An error that somebody can act on: a stable code, what happened, and the way out.
 * `message` never holds a secret, a name or an address.
 */
export class CodedError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'CodedError';
  }

  /** One line for a terminal: `HW-…: what happened. What to do.` */
  get line(): string {
    return `${this.code}: ${this.message}. ${this.remedy}`;
  }
}
