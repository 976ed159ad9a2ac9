import { answerReports, createLogger, systemClock, type Settings } from '#libs/runtime';
import { Monitor } from './monitor.js';

/**
 * Starts the monitor's role in this thread.
 * @throws CodedError when a store can't be opened.
 */
export async function startMonitor(settings: Settings): Promise<{ stop(): Promise<void> }> {
  const log = createLogger('monitor', settings.logLevel);
  const monitor = await Monitor.start(settings, systemClock, log, (error) => {
    throw error; // Ends the thread, and with it the process: a supervisor starts it again.
  });
  const reports = answerReports('monitor', () => monitor.trouble.failing());
  return {
    async stop() {
      reports.close();
      await monitor.stop();
    },
  };
}
