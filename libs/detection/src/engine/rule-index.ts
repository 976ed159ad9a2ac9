import type { HomeFacts } from '../home-facts.js';
import { PreparedFacts } from './prepared-facts.js';
import type { AnyRule } from './rule.js';

/** The rules of one list, found by what a reading is. */
export interface RuleIndex {
  rules: readonly AnyRule[];
  byId: ReadonlyMap<string, AnyRule>;
  /** At-once rules that take a kind. */
  atOnce(kind: string): readonly AnyRule[];
  /** Sorted rules that take a kind. */
  sorted(kind: string): readonly AnyRule[];
  withStatus: readonly AnyRule[];
  prepare(facts: HomeFacts): PreparedFacts;
}

const indexes = new WeakMap<readonly AnyRule[], RuleIndex>();

/** The index of a list of rules; made once a list. */
export function ruleIndex(rules: readonly AnyRule[]): RuleIndex {
  const known = indexes.get(rules);
  if (known !== undefined) return known;
  const prepared = new WeakMap<HomeFacts, PreparedFacts>();
  const index: RuleIndex = {
    rules,
    byId: new Map(rules.map((rule) => [rule.id, rule])),
    atOnce: byKind(rules.filter(({ lane }) => lane === 'at-once')),
    sorted: byKind(rules.filter(({ lane }) => lane === 'sorted')),
    withStatus: rules.filter(({ status }) => status !== undefined),
    prepare: (facts) => {
      const made = prepared.get(facts) ?? new PreparedFacts(facts, rules);
      prepared.set(facts, made);
      return made;
    },
  };
  indexes.set(rules, index);
  return index;
}

function byKind(rules: readonly AnyRule[]): (kind: string) => readonly AnyRule[] {
  const any = rules.filter(({ needs }) => needs === 'any');
  const kinds = new Set(rules.flatMap(({ needs }) => (needs === 'any' ? [] : needs)));
  const lists = new Map([...kinds].map((kind) => [kind, rules.filter(({ needs }) => needs === 'any' || needs.includes(kind))]));
  return (kind) => lists.get(kind) ?? any;
}
