import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CodedError, type ErrorCode } from '#libs/runtime';

/** An error as RFC 9457 problem details, with a stable code and a way out. */
export class Problem {
  @ApiProperty({ enum: ['about:blank'] }) type!: 'about:blank';
  @ApiProperty({ example: 'Not Found' }) title!: string;
  @ApiProperty({ example: 404 }) status!: number;
  @ApiProperty({ type: String, example: 'HW-NOT-FOUND', description: 'Stable; see docs/errors.md' }) code!: ErrorCode;
  @ApiProperty({ description: 'What happened' }) detail!: string;
  @ApiProperty({ description: 'What to do about it' }) remedy!: string;
  @ApiPropertyOptional({ type: [String], description: 'The properties that were refused, one line each' }) errors?: string[];
}

/** A refusal by the HTTP edge itself. */
export class HttpProblem extends CodedError {
  constructor(
    readonly status: number,
    code: ErrorCode,
    message: string,
    remedy: string,
    readonly errors?: string[],
  ) {
    super(code, message, remedy);
  }
}

const SQLITE_FULL = 13;

/** The status of the codes that libs throw; a store that can't be used is a 503, any other coded error a fault of the service. */
const STATUS_OF_CODE: Record<string, number> = {
  'HW-INVALID': 400,
  'HW-NOT-FOUND': 404,
  'HW-EXISTS': 409,
  'HW-LIMIT': 409,
  'HW-LOGIN-ENDED': 409,
  'HW-CLAIM-MISTYPED': 400,
  'HW-CLAIM-UNKNOWN': 404,
  'HW-ALERT-TRANSITION': 409,
  'HW-ALERT-CHANGED': 409,
};

function problemOf(status: number, code: ErrorCode, detail: string, remedy: string, errors?: string[]): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail, remedy, ...(errors !== undefined && errors.length > 0 && { errors }) };
}

const hasStatus = (error: unknown): error is { status: number; type?: string } =>
  typeof error === 'object' && error !== null && typeof (error as { status?: unknown }).status === 'number';

/** What any thrown value says to a client. Unexpected errors say nothing of their insides. */
export function explain(error: unknown): Problem {
  if (error instanceof HttpProblem) return problemOf(error.status, error.code, error.message, error.remedy, error.errors);
  if (error instanceof CodedError) {
    const status = STATUS_OF_CODE[error.code] ?? (/^HW-(SERIES|DATABASE)-/.test(error.code) ? 503 : undefined);
    if (status !== undefined) return problemOf(status, error.code, error.message, error.remedy);
  }
  if ((error as { errcode?: unknown } | null)?.errcode === SQLITE_FULL) {
    return problemOf(503, 'HW-DATABASE-FILE', 'The disk of the service is full: nothing can be written', 'Make room on the disk; the service goes on by itself');
  }
  const status = error instanceof HttpException ? error.getStatus() : hasStatus(error) ? error.status : 500;
  switch (status) {
    case 400: return problemOf(400, 'HW-HTTP-BODY', 'The request could not be read', 'Send valid JSON, and escape the address correctly');
    case 401: return problemOf(401, 'HW-HTTP-UNAUTHENTICATED', 'This needs an API token or a sign-in', 'Send the header Authorization: Bearer <token>, or sign in');
    case 404: return problemOf(404, 'HW-HTTP-NOT-FOUND', 'There is nothing at this address', 'See /api/docs for what there is');
    case 413: return problemOf(413, 'HW-HTTP-TOO-LARGE', 'The request is too large', 'Send at most 64 KiB a request');
    case 415: return problemOf(415, 'HW-HTTP-TYPE', 'The type of the request body is not accepted', 'Send Content-Type: application/json in UTF-8');
    case 429: return problemOf(429, 'HW-HTTP-TOO-MANY', 'Too many attempts', 'Wait a minute and try again');
    default: return problemOf(500, 'HW-HTTP-INTERNAL', 'Something went wrong in the service', 'Try again; if it happens again, tell the administrator the time at which it happened');
  }
}
