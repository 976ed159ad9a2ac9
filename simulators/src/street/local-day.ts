import { Temporal } from 'temporal-polyfill';

/** One calendar day of a time zone: people live by the clock on the wall. */
export class LocalDay {
  private constructor(private readonly day: Temporal.PlainDate, readonly timeZone: string) {}

  static of(atMs: number, timeZone: string): LocalDay {
    return new LocalDay(Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDate(), timeZone);
  }

  /** YYYY-MM-DD */
  get date(): string {
    return this.day.toString();
  }

  get startMs(): number {
    return this.at(0);
  }

  get endMs(): number {
    return this.plus(1).startMs;
  }

  plus(days: number): LocalDay {
    return new LocalDay(this.day.add({ days }), this.timeZone);
  }

  /** ms since 1970 UTC of a time on the wall, in minutes from midnight, fractions too. */
  at(minuteOfDay: number): number {
    const wall = this.day.toPlainDateTime().add({ milliseconds: Math.round(minuteOfDay * 60_000) });
    return wall.toZonedDateTime(this.timeZone).epochMilliseconds;
  }
}
