import { backtest, RULES, type Finding, type HomeFacts } from '#libs/detection';
import { decodeMessage, type Reading } from '#libs/telemetry';
import { recordedMessages, type HomePlan, type TihmRecording } from '#simulators';

/** `default`: as the service runs them; `all`: those that are off until turned on, too; or exactly these. */
export type RuleChoice = 'default' | 'all' | readonly string[];

export interface BacktestRun {
  /** Findings that raise, in the order in which they would have been raised. */
  findings: Finding[];
  /** Values that the decoder did not accept. */
  faults: number;
  /** Ids of the rules that ran. */
  active: ReadonlySet<string>;
}

const PROGRESS_EVERY = 2_000;

/**
 * The messages of a recording through decoder and detection by the readings' clock, as a replay over
 * MQTT takes them, without broker and stores.
 */
export function runBacktest(recording: TihmRecording, choice: RuleChoice, onProgress?: (messages: number, atMs: number) => void): BacktestRun {
  const rules = typeof choice === 'string' ? RULES : RULES.filter(({ id }) => choice.includes(id));
  const facts = new Map(recording.homes.map((home) => [home.id, factsOf(home, choice === 'default' ? [] : rules.map(({ id }) => id))]));
  let faults = 0;
  let done = 0;
  function* readings(): Generator<Reading> {
    for (const { topic, payload, atMs } of recordedMessages(recording)) {
      const decoded = decodeMessage({ topic, payload: Buffer.from(payload), receivedMs: atMs }, { checkClock: false, retentionMs: Infinity });
      faults += decoded.faults.length;
      yield* decoded.readings;
      done += 1;
      if (done % PROGRESS_EVERY === 0) onProgress?.(done, atMs);
    }
  }
  const wanted = ({ change, rule }: Finding): boolean => change === 'raise' && (typeof choice === 'string' || choice.includes(rule)); // The fleet is watched whichever rules run.
  const findings = [...backtest(readings(), facts, rules)].filter(wanted);
  findings.sort((a, b) => a.atMs - b.atMs || (a.key < b.key ? -1 : 1));
  return { findings, faults, active: new Set(rules.filter(({ enabledByDefault }) => enabledByDefault || choice !== 'default').map(({ id }) => id)) };
}

/** What the registry says of a home that was registered from this plan, with rules turned on for it. */
export function factsOf(home: HomePlan, rulesOn: readonly string[]): HomeFacts {
  return {
    home: home.id,
    timeZone: home.timeZone,
    residents: home.residents.map(({ id }) => ({ id })),
    devices: home.devices.map(({ id, room, use, kinds, resident }) => ({ id, effectiveFromMs: 0, room, use, kinds, ...(resident === undefined ? {} : { resident }), retired: false })),
    contexts: [],
    rules: rulesOn.map((rule) => ({ rule, effectiveFromMs: 0, enabled: true, parameters: {} })),
  };
}
