import { atomically, nextChange, type Executor, type Schema } from '#libs/database';
import { checkedId, checkedText, checkedTime } from './checks.js';
import { lockHome } from './homes.js';
import { full, invalid } from './refusal.js';

export type RuleParameters = Record<string, number | boolean | string>;

export interface RuleInput {
  enabled: boolean;
  /** Those that differ from the rule's defaults; detection knows their units and ranges, and the caller has checked them. */
  parameters: RuleParameters;
  setBy: string;
  /** From when on it holds; `nowMs` unless said otherwise. */
  effectiveFromMs?: number;
}

/** One version of a home's own setting of a rule. */
export interface RuleSetting {
  home: string;
  rule: string;
  effectiveFromMs: number;
  enabled: boolean;
  parameters: RuleParameters;
  setBy: string;
}

const RULE_ID = /^[a-z][a-z0-9-]{0,63}$/;
const PARAMETERS_MAX = 32;
const SETTINGS_MAX = 5_000;

/**
 * Turns a rule on or off for a home, or sets its parameters, as a version that holds from now on.
 * What holds already changes nothing.
 * @throws CodedError HW-INVALID, HW-NOT-FOUND, HW-LIMIT
 */
export async function setRule(db: Executor, home: string, rule: string, input: RuleInput, nowMs: number): Promise<RuleSetting> {
  if (!RULE_ID.test(rule)) throw invalid('rule', 'is not the id of a rule');
  if (typeof input.enabled !== 'boolean') throw invalid('enabled', 'is not true or false');
  const setting: RuleSetting = {
    home: checkedId('home', home),
    rule,
    effectiveFromMs: checkedTime('effectiveFrom', input.effectiveFromMs ?? nowMs),
    enabled: input.enabled,
    parameters: checkedParameters(input.parameters),
    setBy: checkedText('setBy', input.setBy, { max: 200 }),
  };
  return atomically(db, async (trx) => {
    await lockHome(trx, home);
    const versions = (await listRuleVersions(trx, [home])).filter((version) => version.rule === rule);
    const current = versions.at(-1);
    if (current && input.effectiveFromMs === undefined) {
      if (sameContent(current, setting)) return current;
      setting.effectiveFromMs = Math.max(setting.effectiveFromMs, current.effectiveFromMs + 1);
    }
    if (versions.length >= SETTINGS_MAX) throw full('versions of one rule', SETTINGS_MAX);
    const { home: _home, rule: _rule, effectiveFromMs: _fromMs, ...content } = rowOf(setting);
    await trx.insertInto('ruleSettings').values(rowOf(setting))
      .onConflict((conflict) => conflict.columns(['home', 'rule', 'effectiveFromMs']).doUpdateSet(content)).execute();
    await nextChange(trx, 'registry');
    return setting;
  });
}

/** The home's own settings that hold at `atMs`, by rule; a rule without one follows its defaults. */
export async function listRules(db: Executor, home: string, atMs: number): Promise<RuleSetting[]> {
  const versions = (await listRuleVersions(db, [checkedId('home', home)])).filter((version) => version.effectiveFromMs <= atMs);
  return [...new Map(versions.map((version) => [version.rule, version])).values()];
}

/** Every version of these homes' settings, by home, rule and time. */
export async function listRuleVersions(db: Executor, homes: readonly string[]): Promise<RuleSetting[]> {
  if (homes.length === 0) return [];
  const rows = await db.selectFrom('ruleSettings').selectAll().where('home', 'in', homes).orderBy('home').orderBy('rule').orderBy('effectiveFromMs').execute();
  return rows.map(({ parametersJson, enabled, ...row }) => ({ ...row, enabled: enabled === 1, parameters: JSON.parse(parametersJson) as RuleParameters }));
}

function checkedParameters(parameters: unknown): RuleParameters {
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) throw invalid('parameters', 'is not an object');
  const entries = Object.entries(parameters as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length > PARAMETERS_MAX) throw invalid('parameters', `has more than ${PARAMETERS_MAX} fields`);
  return Object.fromEntries(entries.map(([name, value]) => {
    if (!/^[a-zA-Z][A-Za-z0-9]{0,63}$/.test(name)) throw invalid('parameters', 'has a field whose name is not letters and digits');
    if (typeof value === 'number' ? !Number.isFinite(value) : typeof value !== 'boolean' && typeof value !== 'string') throw invalid(`parameters.${name}`, 'is not a number, true, false or a text');
    return [name, typeof value === 'string' ? checkedText(`parameters.${name}`, value, { max: 200 }) : value as number | boolean];
  }));
}

function sameContent(a: RuleSetting, b: RuleSetting): boolean {
  return a.enabled === b.enabled && JSON.stringify(a.parameters) === JSON.stringify(b.parameters);
}

function rowOf({ parameters, enabled, ...setting }: RuleSetting): Schema['ruleSettings'] {
  return { ...setting, enabled: enabled ? 1 : 0, parametersJson: JSON.stringify(parameters) };
}
