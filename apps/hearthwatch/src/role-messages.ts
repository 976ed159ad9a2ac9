import type { ErrorCode, Role, Settings } from '#libs/runtime';

/** What a role's thread is started with. */
export interface RoleThreadData {
  role: Role;
  settings: Settings;
}

/** From a role's thread: it works, or it could not start. */
export type FromRole = { type: 'ready' } | { type: 'failed'; problem: StartProblem };

/** The parts of a CodedError, which does not survive the way between threads. */
export interface StartProblem {
  code: ErrorCode;
  message: string;
  remedy: string;
}

/** To a role's thread: it loads its code by itself, and starts and stops when told. */
export interface ToRole {
  type: 'start' | 'stop';
}
