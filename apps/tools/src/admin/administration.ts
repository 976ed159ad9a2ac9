import type { Database } from '#libs/database';

/** What every administrative command works with. */
export interface Administration {
  /** Opens the service's database, runs the command and closes it. */
  withDatabase: (act: (db: Database) => Promise<void>) => Promise<void>;
  nowMs: () => number;
  /** One or several lines for standard output. */
  say: (text: string) => void;
}

/** Who did it, for the audit trail: whoever may run commands on the service's machine. */
export const WHO = 'command-line';
