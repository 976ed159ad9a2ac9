import { setTimeout as sleep } from 'node:timers/promises';
import type { HearthwatchApi } from '#simulators';

const LOOK_EVERY_MS = 500;

export interface SeenAlert {
  id: string;
  home: string;
  severity: string;
  reason: string;
}

/** Calls back for every alert that opens or rises, as the public interface shows them, until stopped. */
export async function watchAlerts(api: HearthwatchApi, signal: AbortSignal, onAlert: (alert: SeenAlert, rose: boolean) => void): Promise<void> {
  const severities = new Map<string, string>();
  while (!signal.aborted) {
    const page = await api.get('/alerts?status=open').catch(() => undefined) as { items?: SeenAlert[] } | undefined;
    for (const alert of page?.items ?? []) {
      const before = severities.get(alert.id);
      if (before === alert.severity) continue;
      severities.set(alert.id, alert.severity);
      onAlert(alert, before !== undefined);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
