import type { Finding } from '#libs/detection';
import { localDateReader, TIHM_LABEL_TYPES, TIHM_TIME_ZONE, type TihmLabel, type TihmLabelType, type TihmRecording } from '#simulators';
import { proportion, type Proportion } from './proportion.js';

/** Which rule answers to a type of label, on which readings it rests, and by which of its times it is dated. */
const RULE_OF: Record<TihmLabelType, { rule: string; kinds: readonly string[]; dated: 'fromMs' | 'atMs' }> = {
  'Blood pressure': { rule: 'blood-pressure', kinds: ['systolic', 'diastolic'], dated: 'fromMs' },
  Pulse: { rule: 'pulse', kinds: ['heart_rate'], dated: 'fromMs' },
  'Body temperature': { rule: 'body-temperature', kinds: ['body_temperature'], dated: 'fromMs' },
  'Body water': { rule: 'body-water', kinds: ['body_water'], dated: 'fromMs' },
  Weight: { rule: 'weight', kinds: ['weight'], dated: 'fromMs' },
  Agitation: { rule: 'agitation', kinds: ['motion', 'opened'], dated: 'atMs' },
};

/** How one rule's findings meet one type of label, counted in person-days that have a reading of its kinds. */
export interface LabelScore {
  type: TihmLabelType;
  rule: string;
  /** Person-days with a reading. */
  days: number;
  labelled: number;
  raised: number;
  both: number;
  precision: Proportion;
  recall: Proportion;
  /** Labelled person-days without any reading: nobody could have known. */
  labelledWithoutReading: number;
}

/** How many alerts a rule raises; an episode that rises in severity is one alert at its highest. */
export interface Burden {
  rule: string;
  severity: string;
  alerts: number;
  perPersonWeek: number;
}

const SEVERITIES = ['technical', 'routine', 'urgent', 'emergency'];

/**
 * Person-days (home and local date) on which a rule raised, against those that a clinical team
 * labelled. Labels say what a team accepted, not everything that happened.
 */
export function scoreLabels(recording: TihmRecording, findings: readonly Finding[], labels: readonly TihmLabel[]): LabelScore[] {
  const dateOf = localDateReader(TIHM_TIME_ZONE);
  const measured = daysByKind(recording, dateOf);
  return TIHM_LABEL_TYPES.map((type) => {
    const { rule, kinds, dated } = RULE_OF[type];
    const days = new Set(kinds.flatMap((kind) => [...(measured.get(kind) ?? [])]));
    const allLabelled = new Set(labels.filter((label) => label.type === type).map(({ home, date }) => `${home} ${date}`));
    const labelled = common(allLabelled, days);
    const found = findings.filter((finding) => finding.rule === rule && finding.change === 'raise');
    const raised = common(new Set(found.map((finding) => `${finding.home} ${dateOf(finding[dated])}`)), days);
    const both = common(raised, labelled).size;
    return {
      type,
      rule,
      days: days.size,
      labelled: labelled.size,
      raised: raised.size,
      both,
      precision: proportion(both, raised.size),
      recall: proportion(both, labelled.size),
      labelledWithoutReading: allLabelled.size - labelled.size,
    };
  });
}

/** Alerts per person-week; a person's weeks are the days on which anything of theirs was heard, over seven. */
export function alertBurden(recording: TihmRecording, findings: readonly Finding[]): { personWeeks: number; burdens: Burden[] } {
  const dateOf = localDateReader(TIHM_TIME_ZONE);
  const personWeeks = new Set(recording.messages.map(({ home, atMs }) => `${home} ${dateOf(atMs)}`)).size / 7;
  const episodes = new Map<string, { rule: string; severity: string }>();
  for (const { rule, severity, episode, change } of findings) {
    if (change !== 'raise') continue;
    const known = episodes.get(episode);
    if (!known || SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(known.severity)) episodes.set(episode, { rule, severity });
  }
  const counts = new Map<string, Burden>();
  for (const { rule, severity } of episodes.values()) {
    const key = `${rule} ${severity}`;
    const burden = counts.get(key) ?? { rule, severity, alerts: 0, perPersonWeek: 0 };
    burden.alerts += 1;
    burden.perPersonWeek = personWeeks === 0 ? 0 : burden.alerts / personWeeks;
    counts.set(key, burden);
  }
  const burdens = [...counts.values()].sort((a, b) => a.rule.localeCompare(b.rule) || SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
  return { personWeeks, burdens };
}

const common = (a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> => new Set([...a].filter((one) => b.has(one)));

function daysByKind(recording: TihmRecording, dateOf: (atMs: number) => string): Map<string, Set<string>> {
  const days = new Map<string, Set<string>>();
  for (const { home, atMs, values } of recording.messages) {
    const day = `${home} ${dateOf(atMs)}`;
    for (const kind of Object.keys(values)) {
      const of = days.get(kind);
      if (of) of.add(day);
      else days.set(kind, new Set([day]));
    }
  }
  return days;
}
