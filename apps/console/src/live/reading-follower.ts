import type { Point, TimeSeries } from '#libs/timeseries';

/** Readings may arrive out of order by this much and are still told, each once. */
const OVERLAP_MS = 60_000;
/** Readings told in one round; a burst beyond it is left out of the live view, not of the store. */
const PER_ROUND_MAX = 1_000;

/** Later than any reading can be stored: 2255. */
const END_MS = 9_000_000_000_000;

const identity = ({ device, kind, atMs, value }: Point): string => `${device}/${kind}/${atMs}/${String(value)}`;

/** Follows one home's series by the readings' own time. Each call of `next` returns what is new since the last. */
export class ReadingFollower {
  private newestMs: number | undefined;
  private seen = new Map<string, number>();

  constructor(private readonly series: TimeSeries, private readonly home: string) {}

  async next(): Promise<Point[]> {
    if (this.newestMs === undefined) {
      await this.begin();
      return [];
    }
    const { items } = await this.series.raw({ home: this.home, fromMs: Math.max(0, this.newestMs - OVERLAP_MS), toMs: END_MS, limit: PER_ROUND_MAX });
    const fresh = items.filter((point) => !this.seen.has(identity(point)));
    this.remember(items);
    return fresh;
  }

  private async begin(): Promise<void> {
    const latest = await this.series.latest(this.home);
    this.newestMs = Math.max(0, ...latest.map((point) => point.atMs));
    const { items } = await this.series.raw({ home: this.home, fromMs: Math.max(0, this.newestMs - OVERLAP_MS), toMs: this.newestMs + 1, limit: PER_ROUND_MAX });
    this.remember(items);
  }

  private remember(points: Point[]): void {
    for (const point of points) this.seen.set(identity(point), point.atMs);
    this.newestMs = Math.max(this.newestMs ?? 0, ...points.map((point) => point.atMs));
    for (const [key, atMs] of this.seen) if (atMs < this.newestMs - OVERLAP_MS) this.seen.delete(key);
  }
}
