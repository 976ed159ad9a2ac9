import { setTimeout as sleep } from 'node:timers/promises';
import type { CodedError } from '#libs/runtime';
import { explained, verdictOf, type Failure } from './answer.js';
import type { InfluxClient } from './influx-client.js';
import type { Line } from './line.js';

export interface BackOff {
  firstMs: number;
  maxMs: number;
}

/** Larger batches gain little more; the bytes keep a body far below every version's limit. */
const LINES_MAX = 10_000;
const CHARACTERS_MAX = 4 * 1024 * 1024;
/** No kind has a name like this, so it is in nobody's way; without a time it lands on the server's own. */
const CANARY = 'hearthwatch-canary,home=_,device=_ f=0i';

/**
 * Writes lines until each is stored or refused for good. Nothing is ever dropped.
 *
 * ```
 * batch ─▶ write ─▶ 204: done
 *            ├──▶ some line is at fault: first half, second half, … until it stands alone
 *            │      └─▶ alone, and again after a canary went through: refused, in the server's words
 *            ├──▶ no such database: create it (1.x)
 *            └──▶ anything else: tell, wait longer each time, and send the same again
 * ```
 * A request that failed may still have been stored, in part or late; writing a point again changes
 * nothing, so the same lines are simply sent again.
 */
export class LineWriter {
  constructor(
    private readonly client: InfluxClient,
    private readonly backOff: BackOff,
    private readonly onHolding: (reason: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws the signal's reason when aborted */
  async write(lines: readonly Line[]): Promise<{ line: Line; words: string }[]> {
    const refused: { line: Line; words: string }[] = [];
    for (const batch of batchesOf(lines)) refused.push(...(await this.store(batch)));
    return refused;
  }

  private async store(batch: readonly Line[]): Promise<{ line: Line; words: string }[]> {
    for (let attempt = 0; ; attempt++) {
      this.signal.throwIfAborted();
      const failure = await this.client.write(batch.map(({ text }) => text));
      if (failure === undefined) return [];
      const verdict = verdictOf(failure, batch.length);
      if (verdict === 'split') {
        const middle = Math.ceil(batch.length / 2);
        return [...(await this.store(batch.slice(0, middle))), ...(await this.store(batch.slice(middle)))];
      }
      if (verdict === 'suspect') {
        const sick = await this.client.write([CANARY]);
        const again = sick ?? await this.client.write([batch[0]!.text]); // Named once may be chance.
        if (again === undefined) return [];
        if (sick === undefined && verdictOf(again, 1) === 'suspect') return [{ line: batch[0]!, words: again.words }];
        await this.hold(explained(again), attempt);
      } else if (verdict === 'missing') {
        await this.hold(await this.whyStillMissing(failure), attempt);
      } else {
        await this.hold(explained(failure), attempt);
      }
    }
  }

  /** Creates the database where a server can be asked to (1.x); undefined when that went well. */
  private async whyStillMissing(failure: Failure): Promise<CodedError | undefined> {
    try {
      if (!/^v?1\./.test(await this.client.version())) return explained(failure);
      await this.client.createDatabase();
      return undefined;
    } catch (error) {
      return error as CodedError;
    }
  }

  private async hold(reason: CodedError | undefined, attempt: number): Promise<void> {
    this.signal.throwIfAborted();
    if (reason) this.onHolding(reason.line);
    const waitMs = Math.min(this.backOff.firstMs * 2 ** Math.min(attempt, 30), this.backOff.maxMs);
    try {
      await sleep(waitMs, undefined, { signal: this.signal });
    } catch (error) {
      this.signal.throwIfAborted();
      throw error;
    }
  }
}

function* batchesOf(lines: readonly Line[]): Generator<Line[]> {
  let batch: Line[] = [];
  let characters = 0;
  for (const line of lines) {
    if (batch.length === LINES_MAX || (batch.length > 0 && characters + line.text.length > CHARACTERS_MAX)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(line);
    characters += line.text.length;
  }
  if (batch.length > 0) yield batch;
}
