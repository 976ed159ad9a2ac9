import { pino, type Logger } from 'pino';

export type { Logger };

/**
 * One JSON line an event on standard output. Bind `role` once per thread. Log pseudonyms only:
 * no names, addresses, payloads, passwords or tokens.
 */
export function createLogger(role: string, level: string = process.env['HEARTHWATCH_LOG_LEVEL'] ?? 'info'): Logger {
  return pino({ level, base: { role }, timestamp: pino.stdTimeFunctions.isoTime });
}
