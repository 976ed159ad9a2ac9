interface Ticket {
  readonly atMs: number;
  acknowledged: boolean;
}

export type { Ticket };

/**
 * Which message may be sent next, when messages come in the order of their times:
 *
 *     acknowledged … │ oldest unacknowledged … in flight … │ next?
 *                    └────────── at most spreadMaxMs ──────────┘
 *
 * So no home is ever more than `spreadMaxMs` of data time ahead of what another home still has
 * unacknowledged, whatever order the acknowledgements come in; and at most `inFlightMax` are out.
 */
export class SendWindow {
  private readonly sent: Ticket[] = [];
  private head = 0;
  private inFlight = 0;
  private wake: (() => void) | undefined;

  constructor(private readonly limits: { spreadMaxMs: number; inFlightMax: number }) {}

  admits(atMs: number): boolean {
    const oldest = this.sent[this.head];
    return this.inFlight < this.limits.inFlightMax && (oldest === undefined || atMs <= oldest.atMs + this.limits.spreadMaxMs);
  }

  enter(atMs: number): Ticket {
    const ticket = { atMs, acknowledged: false };
    this.sent.push(ticket);
    this.inFlight += 1;
    return ticket;
  }

  acknowledge(ticket: Ticket): void {
    if (ticket.acknowledged) return;
    ticket.acknowledged = true;
    this.inFlight -= 1;
    while (this.sent[this.head]?.acknowledged) this.head += 1;
    if (this.head > 1_024 && this.head * 2 > this.sent.length) {
      this.sent.splice(0, this.head);
      this.head = 0;
    }
    this.nudge();
  }

  get unacknowledged(): number {
    return this.inFlight;
  }

  /** Resolves at the next acknowledgement or nudge. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  /** Wakes whoever waits, such as when everything is to stop. */
  nudge(): void {
    const wake = this.wake;
    this.wake = undefined;
    wake?.();
  }
}
