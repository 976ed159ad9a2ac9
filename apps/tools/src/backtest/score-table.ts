import type { Proportion } from './proportion.js';
import type { Burden, LabelScore } from './score.js';

/** Markdown tables, so that documents can show what the command printed. */
export function scoreTables(scores: readonly LabelScore[], { personWeeks, burdens }: { personWeeks: number; burdens: readonly Burden[] }, active: ReadonlySet<string>): string {
  return [
    'Person-days with a reading, against the labels (95 % intervals: Wilson)',
    '',
    table(
      ['label', 'rule', 'person-days', 'labelled', 'raised', 'both', 'precision', 'recall', 'labelled, no reading'],
      scores.map(({ type, rule, days, labelled, raised, both, precision, recall, labelledWithoutReading }) =>
        active.has(rule)
          ? [type, rule, days, labelled, raised, both, shareText(precision), shareText(recall), labelledWithoutReading]
          : [type, `${rule} (not run)`, days, labelled, '', '', '', '', labelledWithoutReading]),
    ),
    '',
    `Alerts per person and week (${personWeeks.toFixed(1)} person-weeks with readings; an episode counts once, at its highest severity)`,
    '',
    table(
      ['rule', 'severity', 'alerts', 'per person-week'],
      [...burdens, ...totals(burdens)].map(({ rule, severity, alerts, perPersonWeek }) => [rule, severity, alerts, perPersonWeek.toFixed(2)]),
    ),
  ].join('\n');
}

function totals(burdens: readonly Burden[]): Burden[] {
  const sum = (rule: string, of: readonly Burden[]): Burden =>
    ({ rule, severity: '', alerts: of.reduce((total, { alerts }) => total + alerts, 0), perPersonWeek: of.reduce((total, { perPersonWeek }) => total + perPersonWeek, 0) });
  return [sum('all but emergencies', burdens.filter(({ severity }) => severity !== 'emergency')), sum('all', burdens)];
}

const shareText = ({ share, low = 0, high = 0 }: Proportion): string =>
  share === undefined ? '–' : `${share.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;

function table(header: string[], rows: (string | number)[][]): string {
  const cells = [header, ...rows.map((row) => row.map(String))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(header), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...cells.slice(1).map(line)].join('\n');
}
