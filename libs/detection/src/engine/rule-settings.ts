import type { AnyRule } from './rule.js';

/**
 * What is wrong with a home's own setting of a rule, in sentences; empty if nothing is. An unknown name,
 * a wrong type and a value out of range are refused when it is set.
 */
export function ruleSettingProblems(rule: AnyRule, parameters: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    const spec = Object.hasOwn(rule.parameters, name) ? rule.parameters[name] : undefined;
    if (spec === undefined) {
      problems.push(`${rule.id} has no parameter ${name.slice(0, 64)}`);
    } else if (typeof value !== typeof spec.default) {
      problems.push(`${name}: not a ${typeof spec.default}`);
    } else if (typeof value === 'number' && !(value >= (spec.min ?? -Infinity) && value <= (spec.max ?? Infinity))) {
      problems.push(`${name}: ${value} is outside ${spec.min ?? '−∞'}…${spec.max ?? '∞'} ${spec.unit}`);
    }
  }
  return problems;
}

/** The defaults with those of the given values that are acceptable: a row that is wrong all the same never stops a rule. */
export function acceptedParameters(rule: AnyRule, parameters: Readonly<Record<string, unknown>>): Readonly<Record<string, number | boolean>> {
  const values: Record<string, number | boolean> = {};
  for (const [name, spec] of Object.entries(rule.parameters)) {
    const own = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    const accepted = own !== undefined && ruleSettingProblems(rule, { [name]: own }).length === 0;
    values[name] = accepted ? (own as number | boolean) : spec.default;
  }
  return Object.freeze(values);
}
