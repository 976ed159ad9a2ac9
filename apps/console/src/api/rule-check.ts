import { RULES, ruleSettingProblems } from '#libs/detection';
import type { RuleParameters } from '#libs/registry';
import { HttpProblem } from '../http/problem.js';

/**
 * Parameters that the rule knows, of its types and within its ranges.
 * @throws HttpProblem HW-NOT-FOUND for an unknown rule, HW-INVALID naming what is wrong
 */
export function checkedRule(id: string, parameters: Record<string, unknown>): RuleParameters {
  const rule = RULES.find((one) => one.id === id);
  if (rule === undefined) throw new HttpProblem(404, 'HW-NOT-FOUND', `There is no rule ${/^[a-z0-9-]{1,64}$/.test(id) ? id : 'of this name'}`, `Rules are ${RULES.map((one) => one.id).join(', ')}`);
  const problems = ruleSettingProblems(rule, parameters);
  if (problems.length > 0) throw new HttpProblem(400, 'HW-INVALID', problems.join('; '), 'Correct these parameters and send the request again', problems);
  return parameters as RuleParameters;
}
