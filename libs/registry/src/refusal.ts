import { CodedError } from '#libs/runtime';

/** A value that breaks a rule of the registry. `problem` never repeats the value: it could be a name. */
export function invalid(field: string, problem: string): CodedError {
  return new CodedError('HW-INVALID', `${field}: ${problem}`, 'Correct the field and send it again');
}

export function notFound(what: string, id: string): CodedError {
  return new CodedError('HW-NOT-FOUND', `There is no ${what} ${id}`, 'Check the id, or register it first');
}

export function exists(what: string, id: string): CodedError {
  return new CodedError('HW-EXISTS', `There is already a ${what} ${id} with other content`, 'Choose another id, or change the one that exists');
}

export function full(what: string, max: number): CodedError {
  return new CodedError('HW-LIMIT', `A home has at most ${max} ${what}`, 'Remove what is no longer needed');
}
