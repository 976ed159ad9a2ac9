import type { Finding } from '#libs/detection';

export type FindingInput = Partial<Finding> & { key: string };

/** A finding for tests: keys count within the home; without an episode it begins one. */
export function findingOf(input: FindingInput): Finding {
  const { home = 'h1', key, episode = key, ...rest } = input;
  const atMs = rest.atMs ?? 0;
  return {
    change: 'raise', subjectKind: 'resident', subject: 'r1', rule: 'long-bathroom-stay', ruleVersion: 1, cause: 'stay', severity: 'urgent',
    fromMs: atMs, reason: 'In the bathroom for 45 min; limit 30 min', familyReason: 'Longer in the bathroom than usual',
    evidence: [{ device: 'd1', kind: 'motion', value: true, atMs }], parameters: { gapMaxMs: 60_000 },
    ...rest, atMs, home, key: `${home}/${key}`, episode: `${home}/${episode}`,
  };
}
