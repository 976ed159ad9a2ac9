import { isKind, KINDS, readingIdentity, type Reading } from '#libs/telemetry';
import type { Finding } from '../finding.js';
import type { FleetBucket } from '../home-facts.js';
import type { Period } from '../time/period.js';
import { activityOf } from './activity.js';
import { setBounded } from './bounded-record.js';
import type { HomeState, Waiting } from './home-state.js';
import { heardFromHome, heardStatus } from './hubs.js';
import type { PreparedFacts } from './prepared-facts.js';
import { enqueue, SORT_WAIT_MS, WAITING_MAX } from './reorder.js';
import { isRepeat } from './repeats.js';
import { RuleContext, type Subject } from './rule-context.js';
import type { RuleIndex } from './rule-index.js';
import type { AnyRule, RuleState, Saying, Status, Step } from './rule.js';
import { isStillSubject, stateKey, subjectOf, subjectOfKey } from './subject.js';
import { earliestDue, forgetDue, type Due } from './timers.js';

/** Readings that a finding shows. */
const EVIDENCE_MAX = 20;
/** Subjects and parts that one rule remembers in one home. */
const STATES_PER_RULE_MAX = 512;
const STATES_REMEMBERED_MAX = 512;

/**
 * One call of advanceHome at work.
 *
 *   reading ─▶ repeat? ─▶ at-once rules ─▶ waiting, in order of time ─▶ 30 s later: sorted rules
 *   time ────▶ timers of at-once rules at their time, of sorted rules 30 s later, between the readings
 *
 * Whatever happens inside has a moment of the home's time, and moments come in order; so it makes no
 * difference where a caller cuts the stream into calls.
 */
export class HomeRun {
  readonly findings: Finding[] = [];

  constructor(
    private readonly state: HomeState,
    private readonly index: RuleIndex,
    private readonly facts: PreparedFacts,
    private readonly fleet: readonly FleetBucket[],
    private readonly deaf: readonly Period[],
  ) {}

  /** A reading has arrived at this moment of the home's time. */
  take(reading: Reading, nowMs: number): void {
    this.goTo(nowMs);
    const atOnce = this.index.atOnce(reading.kind);
    if (atOnce.length > 0 && isRepeat(this.state, reading, this.state.nowMs)) return;
    if (!reading.test) {
      for (const rule of atOnce) this.give(rule, reading, false, rule.advance);
    }
    const item: Waiting = { atMs: reading.atMs, order: `${readingIdentity(reading)}${reading.test ? '/test' : ''}`, reading };
    if (reading.atMs <= this.state.watermarkMs) this.takeLate(reading);
    else this.wait(item);
  }

  /** A status has arrived. */
  takeStatus(status: Status, nowMs: number): void {
    this.goTo(nowMs);
    const item: Waiting = { atMs: status.atMs, order: `~${JSON.stringify(status)}`, status };
    if (status.atMs <= this.state.watermarkMs) this.work(item);
    else this.wait(item);
  }

  /** The home's time goes on to this moment; everything due until then happens, in order. */
  goTo(nowMs: number): void {
    for (;;) {
      const timer = earliestDue(this.state, this.index);
      const waiting = this.state.waiting[0];
      const timerMs = timer === undefined ? Infinity : momentOf(timer);
      const waitingMs = waiting === undefined ? Infinity : waiting.atMs + SORT_WAIT_MS;
      if (Math.min(timerMs, waitingMs) > nowMs) break;
      // In one moment a reading goes before the timer that it may call off, unless the timer's lane is the other one.
      if (timer !== undefined && (timerMs < waitingMs || (timerMs === waitingMs && timer.rule.lane === 'at-once'))) this.fire(timer);
      else this.workOldest();
    }
    this.state.nowMs = Math.max(this.state.nowMs, nowMs);
    this.state.watermarkMs = Math.max(this.state.watermarkMs, nowMs - SORT_WAIT_MS);
  }

  private wait(item: Waiting): void {
    enqueue(this.state.waiting, item);
    while (this.state.waiting.length > WAITING_MAX) {
      const oldestMs = this.state.waiting[0]?.atMs ?? 0;
      for (let timer = earliestDue(this.state, this.index, 'sorted'); timer !== undefined && timer.dueMs < oldestMs;) {
        this.fire(timer);
        timer = earliestDue(this.state, this.index, 'sorted');
      }
      this.workOldest();
    }
  }

  private workOldest(): void {
    const item = this.state.waiting.shift();
    if (item === undefined) return;
    this.state.nowMs = Math.max(this.state.nowMs, Math.min(item.atMs + SORT_WAIT_MS, Number.MAX_SAFE_INTEGER));
    this.state.watermarkMs = Math.max(this.state.watermarkMs, item.atMs);
    this.work(item);
  }

  /** The sorted lane takes its next item. */
  private work({ reading, status }: Waiting): void {
    if (status !== undefined) {
      heardStatus(this.state.memory, status);
      for (const rule of this.index.withStatus) this.giveStatus(rule, status);
    }
    if (reading === undefined) return;
    const changed = this.isChanged(reading);
    this.remember(reading, changed);
    for (const rule of this.index.sorted(reading.kind)) {
      if (!reading.test || rule.needs === 'any') this.give(rule, reading, changed, rule.advance);
    }
  }

  /** A reading whose place in the order is past. */
  private takeLate(reading: Reading): void {
    const changed = this.isChanged(reading);
    this.remember(reading, changed);
    for (const rule of this.index.sorted(reading.kind)) {
      if (rule.late !== undefined && (!reading.test || rule.needs === 'any')) this.give(rule, reading, changed, rule.late);
    }
  }

  /** True for events, and for a state that is news of its device; what is told late counts if nothing newer was told. */
  private isChanged({ device, kind, value, atMs, test }: Reading): boolean {
    if (typeof value !== 'boolean' || test || !isKind(kind) || KINDS[kind].type !== 'state') return true;
    const { states } = this.state.memory;
    const key = `${device}|${kind}`;
    const before = Object.hasOwn(states, key) ? states[key] : undefined;
    if (before !== undefined && atMs <= before[1]) return false;
    setBounded(states, key, [value, atMs], STATES_REMEMBERED_MAX);
    return before?.[0] !== value;
  }

  private remember(reading: Reading, changed: boolean): void {
    const { memory } = this.state;
    heardFromHome(memory, reading.atMs);
    const activity = activityOf(reading, this.facts.device(reading.device, reading.atMs), changed);
    if (activity === undefined) return;
    const before = memory.activity[activity.where];
    if (before === undefined || activity.atMs >= before.atMs) memory.activity[activity.where] = activity;
  }

  private give(rule: AnyRule, reading: Reading, changed: boolean, advance: AnyRule['advance']): void {
    const setting = this.facts.setting(rule.id, reading.atMs);
    if (!setting.enabled) return;
    const subject = subjectOf(rule.subject, this.state.home, reading, this.facts);
    const context = this.context(rule, subject, setting.parameters, changed);
    const key = stateKey(subject, rule.part?.(reading, context));
    this.apply(rule, key, context, advance(this.ruleState(rule, key), reading, context));
  }

  private giveStatus(rule: AnyRule, status: Status): void {
    const id = status.hub ?? status.device;
    const setting = this.facts.setting(rule.id, status.atMs);
    if (id === undefined || !setting.enabled || rule.status === undefined) return;
    const subject: Subject = { kind: 'device', id };
    const context = this.context(rule, subject, setting.parameters, true);
    const key = stateKey(subject, status.hub === undefined ? undefined : 'hub');
    this.apply(rule, key, context, rule.status(this.ruleState(rule, key), status, context));
  }

  private fire({ rule, key, dueMs }: Due): void {
    this.state.nowMs = Math.max(this.state.nowMs, rule.lane === 'sorted' ? dueMs + SORT_WAIT_MS : dueMs);
    if (rule.lane === 'sorted') this.state.watermarkMs = Math.max(this.state.watermarkMs, dueMs);
    const state = this.ruleState(rule, key);
    const setting = this.facts.setting(rule.id, dueMs);
    const subject = subjectOfKey(key);
    const context = this.context(rule, subject, setting.parameters, false);
    const asked = state !== undefined && rule.due !== undefined && setting.enabled && isStillSubject(rule.subject, subject, this.facts);
    const step = asked ? rule.due!(state, dueMs, context) : { state: undefined };
    // A rule that asks for the same moment again would stop the home's time for ever.
    const next = step.state?.dueAtMs !== undefined && step.state.dueAtMs <= dueMs ? { ...step.state, dueAtMs: dueMs + 60_000 } : step.state;
    this.apply(rule, key, context, { ...step, state: next });
  }

  private ruleState(rule: AnyRule, key: string): RuleState | undefined {
    const states = this.state.rules[rule.id];
    return states !== undefined && Object.hasOwn(states, key) ? states[key] : undefined;
  }

  private context(rule: AnyRule, subject: Subject, parameters: Readonly<Record<string, number | boolean>>, changed: boolean): RuleContext {
    const { home, nowMs, watermarkMs, memory } = this.state;
    return new RuleContext(home, rule.id, subject, parameters, nowMs, watermarkMs, changed, memory, this.facts, this.fleet, this.deaf);
  }

  private apply(rule: AnyRule, key: string, context: RuleContext, step: Step<RuleState>): void {
    const before = this.ruleState(rule, key);
    if (step.state !== before) {
      const states = (this.state.rules[rule.id] ??= {});
      if (step.state === undefined) delete states[key];
      else setBounded(states, key, step.state, STATES_PER_RULE_MAX);
      if (before?.dueAtMs !== step.state?.dueAtMs) forgetDue(this.state);
    }
    for (const saying of step.says ?? []) this.findings.push(findingOf(rule, context, saying));
  }
}

function momentOf(timer: Due): number {
  return timer.rule.lane === 'sorted' ? timer.dueMs + SORT_WAIT_MS : timer.dueMs;
}

function findingOf(rule: AnyRule, context: RuleContext, saying: Saying): Finding {
  const key = context.key(saying.cause, saying.fromMs, saying.step);
  return {
    key, episode: saying.episode ?? key, change: saying.change, home: context.home, subjectKind: context.subject.kind, subject: context.subject.id,
    rule: rule.id, ruleVersion: rule.version, cause: saying.cause, severity: saying.severity, fromMs: saying.fromMs, atMs: context.nowMs,
    reason: saying.reason, familyReason: saying.familyReason, evidence: saying.evidence.slice(-EVIDENCE_MAX), parameters: { ...context.parameters },
  };
}
