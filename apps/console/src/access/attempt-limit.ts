import { minutes } from '#libs/runtime';

const WINDOW_MS = minutes(1);

/** Counts attempts of each address, and of all, in each minute. Bounded: a new minute begins empty. */
export class AttemptLimit {
  private windowBeganMs = 0;
  private all = 0;
  private readonly byAddress = new Map<string, number>();

  constructor(private readonly limits: { perAddress: number; inAll: number }) {}

  /** True if this attempt may go on; it counts then. */
  allows(address: string, nowMs: number): boolean {
    if (Math.abs(nowMs - this.windowBeganMs) >= WINDOW_MS) {
      this.windowBeganMs = nowMs;
      this.all = 0;
      this.byAddress.clear();
    }
    const own = this.byAddress.get(address) ?? 0;
    if (own >= this.limits.perAddress || this.all >= this.limits.inAll) return false;
    this.byAddress.set(address, own + 1);
    this.all += 1;
    return true;
  }
}
