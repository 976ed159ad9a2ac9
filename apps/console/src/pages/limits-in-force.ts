import { RULES, type AnyRule } from '#libs/detection';
import type { RuleSetting } from '#libs/registry';
import type { Limit } from './value-chart.js';
import type { LimitsOf } from './values-of-home.js';

/** Which rule judges a kind, and how the names of its limits begin where it judges several. */
const JUDGES: Record<string, { rule: string; prefix: string }> = {
  systolic: { rule: 'blood-pressure', prefix: 'systolic' }, diastolic: { rule: 'blood-pressure', prefix: 'diastolic' },
  heart_rate: { rule: 'pulse', prefix: '' }, spo2: { rule: 'oxygen', prefix: '' }, respiratory_rate: { rule: 'respiration', prefix: '' },
  body_temperature: { rule: 'body-temperature', prefix: '' }, weight: { rule: 'weight', prefix: '' }, body_water: { rule: 'body-water', prefix: '' },
  blood_glucose: { rule: 'glucose', prefix: '' }, temperature: { rule: 'cold-home', prefix: '' },
};

/**
 * The limits of each kind in a home: the rules' defaults, with the home's own settings over them. Of
 * several on one side the first to be passed is drawn. A rule that is off has none.
 */
export function limitsIn(settings: RuleSetting[], rules: readonly AnyRule[] = RULES): LimitsOf {
  return (kind) => {
    const judge = Object.hasOwn(JUDGES, kind) ? JUDGES[kind]! : undefined;
    const rule = judge && rules.find(({ id }) => id === judge.rule);
    if (judge === undefined || rule === undefined) return [];
    const setting = settings.find((one) => one.rule === rule.id);
    if (!(setting?.enabled ?? rule.enabledByDefault)) return [];
    const all = Object.entries(rule.parameters).flatMap(([name, spec]) => {
      const side = sideOf(name, judge.prefix);
      const value = setting?.parameters[name] ?? spec.default;
      return side === undefined || typeof value !== 'number' ? [] : [{ value, outside: side, inclusive: /at or (above|below)/i.test(spec.doc) } satisfies Limit];
    });
    return [first(all.filter(({ outside }) => outside === 'above'), 1), first(all.filter(({ outside }) => outside === 'below'), -1)].filter((limit) => limit !== undefined);
  };
}

/** `systolicHighUrgent` begins with `systolic` and bounds above. */
function sideOf(name: string, prefix: string): Limit['outside'] | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const match = /^(high|low|above|below|under|over)[A-Z]?/i.exec(name.slice(prefix.length));
  if (match === null) return undefined;
  return ['high', 'above', 'over'].includes(match[1]!.toLowerCase()) ? 'above' : 'below';
}

function first(limits: Limit[], direction: 1 | -1): Limit | undefined {
  return limits.sort((a, b) => direction * (a.value - b.value))[0];
}
