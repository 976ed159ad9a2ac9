import type { Database, Executor } from '#libs/database';
import { advanceFleet, FLEET, FleetCounter, newFleetState, type DetectionClock, type Finding, type FleetBucket, type FleetCounterState, type FleetState } from '#libs/detection';
import { days } from '#libs/runtime';
import type { Reading } from '#libs/telemetry';

/** No rule looks further back than this. */
const KEPT_MS = days(4);

interface Saved {
  counter: FleetCounterState;
  state: FleetState;
}

/** How many homes are heard in each 5 minutes: counted here, kept as rows, handed to the rules. */
export class FleetBook {
  private unsaved: FleetBucket[] = [];

  private constructor(
    private readonly counter: FleetCounter,
    private readonly state: FleetState,
    /** Final buckets of the last days, ascending; a new array whenever one is added. */
    public buckets: readonly FleetBucket[],
    private readonly clock: DetectionClock,
  ) {}

  static async load(database: Database, clock: DetectionClock, nowMs: number): Promise<FleetBook> {
    const row = await database.selectFrom('homeStates').select('stateJson').where('home', '=', FLEET).executeTakeFirst();
    const saved = row && (JSON.parse(row.stateJson) as Saved);
    const buckets = await database.selectFrom('fleetBuckets').selectAll().where('startMs', '>=', nowMs - KEPT_MS).orderBy('startMs').execute();
    return new FleetBook(new FleetCounter(saved?.counter), saved?.state ?? newFleetState(), buckets, clock);
  }

  /** A home was heard: when it arrived, or by the readings' clock when it happened. Call before the home is advanced. */
  heard(home: string, receivedMs: number, readings: readonly Reading[]): void {
    if (this.clock === 'system') this.counter.count(home, receivedMs);
    else for (const { clock, atMs } of readings) if (clock === 'device') this.counter.count(home, atMs);
    this.close(receivedMs);
  }

  /** What there is to say of the fleet as a whole. */
  advance(nowMs: number): Finding[] {
    this.close(nowMs);
    return advanceFleet(this.state, this.buckets, nowMs);
  }

  async save(executor: Executor): Promise<void> {
    for (const bucket of this.unsaved) {
      await executor.insertInto('fleetBuckets').values(bucket)
        .onConflict((conflict) => conflict.column('startMs').doUpdateSet({ heard: bucket.heard, known: bucket.known })).execute();
    }
    const stateJson = JSON.stringify({ counter: this.counter.toState(), state: this.state } satisfies Saved);
    await executor.insertInto('homeStates').values({ home: FLEET, stateJson })
      .onConflict((conflict) => conflict.column('home').doUpdateSet({ stateJson })).execute();
  }

  /** Call once the checkpoint has committed. */
  saved(): void {
    this.unsaved = [];
  }

  private close(nowMs: number): void {
    const closed = this.clock === 'system' ? this.counter.close(nowMs) : this.counter.close();
    const newest = closed.at(-1);
    if (newest === undefined) return;
    this.buckets = [...this.buckets.filter(({ startMs }) => startMs >= newest.startMs - KEPT_MS), ...closed];
    this.unsaved.push(...closed);
  }
}
