import { Injectable } from '@nestjs/common';
import { lastChange } from '#libs/database';
import { gatherReports, type RoleReport } from '#libs/runtime';
import { Stores } from '../stores.js';
import { within } from '../within.js';

const PART_TIMEOUT_MS = 2_000;
const ROLES_TIMEOUT_MS = 2_000;

/** Whether the service can do its work: the console's own stores, and what the other roles say of theirs. */
@Injectable()
export class Readiness {
  constructor(private readonly stores: Stores) {}

  /** The names of the parts that fail, empty when all is well. A role that does not answer fails by its own name. */
  async failing(): Promise<string[]> {
    const [own, reports] = await Promise.all([this.failingHere(), this.reports()]);
    const silent = this.otherRoles.filter((role) => !reports.some((report) => report.role === role));
    return [...new Set([...own, ...silent, ...reports.flatMap((report) => report.failing)])];
  }

  /** What the other roles of this process say of themselves. */
  reports(): Promise<RoleReport[]> {
    return gatherReports(this.otherRoles, ROLES_TIMEOUT_MS);
  }

  private get otherRoles(): string[] {
    return this.stores.settings.roles.filter((role) => role !== 'console');
  }

  private async failingHere(): Promise<string[]> {
    const { db, series, log } = this.stores;
    const parts = { database: lastChange(db, 'alerts'), series: series.ping() };
    const failed: string[] = [];
    for (const [name, work] of Object.entries(parts)) {
      await within<unknown>(work, PART_TIMEOUT_MS).catch((error: unknown) => {
        log.warn({ err: error, part: name }, 'a part is not ready');
        failed.push(name);
      });
    }
    return failed;
  }
}
