import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ALERT_STATUSES, OUTCOMES, SEVERITIES, type Alert, type AlertDetail, type AlertFinding } from '#libs/alerts';
import { iso, isoOrNull } from './moment.js';

const time = { type: String, format: 'date-time' } as const;
const maybeTime = { ...time, nullable: true } as const;
const maybeText = { type: String, nullable: true } as const;

/** An alert as the interface tells it. `from` and `at` are detection's time, the others the service's clock. */
export class AlertView {
  @ApiProperty() id!: string;
  @ApiProperty() home!: string;
  @ApiProperty({ enum: ['resident', 'device', 'home', 'fleet'] }) subjectKind!: string;
  @ApiProperty({ description: 'Pseudonym of the resident, device or home' }) subject!: string;
  @ApiProperty({ example: 'blood-pressure' }) rule!: string;
  @ApiProperty() cause!: string;
  @ApiProperty({ enum: SEVERITIES }) severity!: string;
  @ApiProperty({ enum: ALERT_STATUSES }) status!: string;
  @ApiProperty({ example: 'Systolic 176 mmHg; limit 160' }) reason!: string;
  @ApiProperty({ description: 'The same without clinical detail' }) familyReason!: string;
  @ApiProperty({ ...time, description: 'When what it describes began' }) from!: string;
  @ApiProperty({ ...time, description: 'When it was found' }) at!: string;
  @ApiProperty({ ...maybeTime, description: 'When its condition ended' }) clearedAt!: string | null;
  @ApiProperty(time) openedAt!: string;
  @ApiProperty(maybeTime) acknowledgedAt!: string | null;
  @ApiProperty(maybeText) acknowledgedBy!: string | null;
  @ApiProperty(maybeTime) goingAt!: string | null;
  @ApiProperty(maybeText) goingBy!: string | null;
  @ApiProperty(maybeTime) resolvedAt!: string | null;
  @ApiProperty(maybeText) resolvedBy!: string | null;
  @ApiProperty({ enum: OUTCOMES, nullable: true, type: String }) outcome!: string | null;
  @ApiProperty({ description: 'Rises with every change of any alert' }) change!: number;
}

export class EvidenceView {
  @ApiProperty() device!: string;
  @ApiProperty() kind!: string;
  @ApiProperty({ oneOf: [{ type: 'number' }, { type: 'boolean' }, { type: 'string' }] }) value!: number | boolean | string;
  @ApiProperty(time) at!: string;
}

export class FindingView {
  @ApiProperty({ description: 'Unique for ever' }) key!: string;
  @ApiProperty({ description: 'The key of the first finding of its episode' }) episode!: string;
  @ApiProperty({ enum: ['raise', 'again', 'clear'] }) change!: string;
  @ApiProperty() rule!: string;
  @ApiProperty() ruleVersion!: number;
  @ApiProperty({ enum: SEVERITIES }) severity!: string;
  @ApiProperty(time) from!: string;
  @ApiProperty(time) at!: string;
  @ApiProperty() reason!: string;
  @ApiProperty({ type: [EvidenceView] }) evidence!: EvidenceView[];
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'The parameters in force' }) parameters!: Record<string, number | boolean | string>;
}

export class HistoryView {
  @ApiProperty() id!: string;
  @ApiProperty(time) at!: string;
  @ApiProperty({ example: 'acknowledged' }) what!: string;
  @ApiProperty() who!: string;
  @ApiProperty(maybeText) note!: string | null;
}

export class AlertDetailView extends AlertView {
  @ApiProperty({ description: 'The version of the rule that its newest finding was made by', nullable: true, type: Number }) ruleVersion!: number | null;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'The parameters of its newest finding' }) parameters!: Record<string, number | boolean | string>;
  @ApiProperty({ type: [EvidenceView], description: 'The readings that its newest finding rests on' }) evidence!: EvidenceView[];
  @ApiProperty({ type: [FindingView], description: 'Oldest first' }) findings!: FindingView[];
  @ApiProperty({ description: 'How many findings there are in all; `findings` holds the newest 500' }) findingsCount!: number;
  @ApiProperty({ type: [HistoryView], description: 'Oldest first' }) history!: HistoryView[];
}

export class AlertListView {
  @ApiProperty({ type: [AlertView] }) items!: AlertView[];
  @ApiPropertyOptional({ type: String, nullable: true, description: 'Send as `after` for the next page' }) next!: string | null;
}

export function alertView(alert: Alert): AlertView {
  return {
    id: alert.id, home: alert.home, subjectKind: alert.subjectKind, subject: alert.subject,
    rule: alert.rule, cause: alert.cause, severity: alert.severity, status: alert.status,
    reason: alert.reason, familyReason: alert.familyReason,
    from: iso(alert.fromMs), at: iso(alert.atMs), clearedAt: isoOrNull(alert.clearedMs), openedAt: iso(alert.openedMs),
    acknowledgedAt: isoOrNull(alert.acknowledgedMs), acknowledgedBy: alert.acknowledgedBy,
    goingAt: isoOrNull(alert.goingMs), goingBy: alert.goingBy,
    resolvedAt: isoOrNull(alert.resolvedMs), resolvedBy: alert.resolvedBy, outcome: alert.outcome,
    change: alert.change,
  };
}

const evidenceView = (evidence: AlertFinding['evidence']): EvidenceView[] =>
  evidence.map(({ device, kind, value, atMs }) => ({ device, kind, value, at: iso(atMs) }));

function findingView(finding: AlertFinding): FindingView {
  const { fromMs, atMs, evidence, ...same } = finding;
  return { ...same, from: iso(fromMs), at: iso(atMs), evidence: evidenceView(evidence) };
}

export function alertDetailView(alert: AlertDetail): AlertDetailView {
  const newest = alert.findings.findLast((finding) => finding.change !== 'clear') ?? alert.findings.at(-1);
  return Object.assign(alertView(alert), {
    ruleVersion: newest?.ruleVersion ?? null,
    parameters: newest?.parameters ?? {},
    evidence: evidenceView(newest?.evidence ?? []),
    findings: alert.findings.map(findingView),
    findingsCount: alert.findingsCount,
    history: alert.history.map(({ id, atMs, what, who, note }) => ({ id, at: iso(atMs), what, who, note })),
  });
}
