import { BroadcastChannel } from 'node:worker_threads';
import { metricsJson, type MetricsJson } from './metrics.js';

/** What one role says of itself when asked. `failing` names parts, empty when it is well. */
export interface RoleReport {
  role: string;
  failing: string[];
  metrics: MetricsJson;
}

const CHANNEL = 'hearthwatch-reports';

type Message = { type: 'ask'; id: string } | { type: 'report'; id: string; report: RoleReport };

/** Answers every question about this thread's health and metrics until closed. */
export function answerReports(role: string, failing: () => string[]): { close(): void } {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (event) => {
    const message = (event as unknown as { data: Message }).data;
    if (message.type !== 'ask') return;
    void metricsJson().then((metrics) => {
      channel.postMessage({ type: 'report', id: message.id, report: { role, failing: failing(), metrics } });
    });
  };
  channel.unref();
  return { close: () => channel.close() };
}

/**
 * Asks the other threads of this process. Ends as soon as all `roles` have answered, or after
 * `timeoutMs` with those that did: a role that is missing from the result did not answer.
 */
export async function gatherReports(roles: string[], timeoutMs: number): Promise<RoleReport[]> {
  if (roles.length === 0) return [];
  const channel = new BroadcastChannel(CHANNEL);
  const id = crypto.randomUUID();
  const reports = new Map<string, RoleReport>();
  try {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      channel.onmessage = (event) => {
        const message = (event as unknown as { data: Message }).data;
        if (message.type !== 'report' || message.id !== id) return;
        reports.set(message.report.role, message.report);
        if (roles.every((role) => reports.has(role))) {
          clearTimeout(timer);
          resolve();
        }
      };
      channel.postMessage({ type: 'ask', id });
    });
  } finally {
    channel.close();
  }
  return [...reports.values()];
}
