import { RULES } from '#libs/detection';
import { UNITS } from './words.js';
import { lasting } from './when.js';

const words = (name: string): string => {
  const text = name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`).trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** A rule's parameter as people read it: name, value with its unit, and what it means. */
export function parameterText(rule: string, name: string, value: number | boolean | string): { name: string; text: string; doc: string } {
  const spec = RULES.find(({ id }) => id === rule)?.parameters[name];
  const doc = spec?.doc ?? '';
  if (typeof value === 'boolean') return { name: words(name), text: value ? 'yes' : 'no', doc };
  if (typeof value === 'string') return { name: words(name), text: value, doc };
  if (name.endsWith('Ms') || spec?.unit === 'ms') return { name: words(name.replace(/Ms$/, '')), text: lasting(value), doc };
  if (spec?.unit === 'minute of the day') return { name: words(name), text: `${String(Math.floor(value / 60)).padStart(2, '0')}:${String(value % 60).padStart(2, '0')}`, doc };
  return { name: words(name), text: `${value} ${spec === undefined ? '' : (UNITS[spec.unit] ?? spec.unit)}`.trim(), doc };
}

/** The title of a rule, or its id in words for one that is no longer known. */
export function ruleTitle(rule: string): string {
  return RULES.find(({ id }) => id === rule)?.title ?? words(rule.replaceAll('-', ' '));
}
