import { Body, Controller, Get, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { acknowledge, comment, getAlert, going, NOTE_LENGTH_MAX, OUTCOMES, type AlertDetail, type Outcome } from '#libs/alerts';
import { lastChange } from '#libs/database';
import { resolveAndTell } from '#libs/escalation';
import { listContacts, listDevices, listResidents } from '#libs/registry';
import { CodedError } from '#libs/runtime';
import { PageGuard } from '../access/page-access.js';
import { Who } from '../access/who.js';
import { Stores } from '../stores.js';
import { alertRows, OUTCOME_WORDS } from './alert-rows.js';
import { historyText } from './history-words.js';
import { frameOf } from './page-of.js';
import { placeOf } from './place.js';
import { render } from './templates.js';
import { parameterText, ruleTitle } from './rule-words.js';
import { roomName } from './words.js';

const FINDINGS_SHOWN = 20;
const EVIDENCE_SHOWN = 50;
const NOTICES: Record<string, string> = { acknowledged: 'Acknowledged.', going: 'Noted that you are going.', resolved: 'Resolved.', commented: 'Comment added.' };

const MEANWHILE: Record<string, string> = {
  'HW-ALERT-TRANSITION': 'Somebody has resolved this alert meanwhile, so nothing was changed. You can still add a comment',
  'HW-ALERT-CHANGED': 'This alert became more severe, or happened again, after you opened the page, so it was not resolved. Read it as it is now, then resolve it',
};

interface FormState { form?: 'resolve' | 'comment'; values?: Record<string, string>; fieldErrors?: Record<string, string>; problem?: string; status?: number; notice?: string }
type Form = Record<string, unknown>;
const text = (value: unknown): string => (typeof value === 'string' ? value.replaceAll('\r\n', '\n').trim() : '');

/** One alert: what is known, how to reach the person, and what is done about it. */
@ApiExcludeController()
@UseGuards(PageGuard)
@Controller('alerts/:id')
export class AlertPageController {
  constructor(private readonly stores: Stores) {}

  @Get()
  async page(@Param('id') id: string, @Query('done') done: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const notice = typeof done === 'string' && Object.hasOwn(NOTICES, done) ? NOTICES[done] : undefined;
    await this.show(id, request, response, notice === undefined ? {} : { notice });
  }

  @Post('acknowledge')
  async acknowledge(@Param('id') id: string, @Who() who: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.act(id, request, response, 'acknowledged', {}, (nowMs) => acknowledge(this.stores.db, id, { who }, nowMs));
  }

  @Post('going')
  async going(@Param('id') id: string, @Who() who: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.act(id, request, response, 'going', {}, (nowMs) => going(this.stores.db, id, { who }, nowMs));
  }

  @Post('resolve')
  async resolve(@Param('id') id: string, @Body() body: Form, @Who() who: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const outcome = text(body['outcome']);
    const note = text(body['note']);
    const fieldErrors = {
      ...(!OUTCOMES.includes(outcome as Outcome) && { outcome: 'Choose what it was' }),
      ...(note.length > NOTE_LENGTH_MAX && { note: `Write ${NOTE_LENGTH_MAX} characters or fewer` }),
    };
    const state: FormState = { form: 'resolve', values: { outcome, note }, fieldErrors };
    if (Object.keys(fieldErrors).length > 0) return this.show(id, request, response, { ...state, status: 400 });
    const seen = /^\d{1,15}$/.exec(text(body['seenChange']))?.[0];
    const resolution = { who, note: note === '' ? null : note, outcome: outcome as Outcome, ...(seen !== undefined && { seenChange: Number(seen) }) };
    return this.act(id, request, response, 'resolved', state, (nowMs) => resolveAndTell(this.stores.db, id, resolution, nowMs));
  }

  @Post('comments')
  async comment(@Param('id') id: string, @Body() body: Form, @Who() who: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const note = text(body['note']);
    const wrong = note === '' ? 'Write a comment' : note.length > NOTE_LENGTH_MAX ? `Write ${NOTE_LENGTH_MAX} characters or fewer` : undefined;
    const state: FormState = { form: 'comment', values: { note }, fieldErrors: wrong === undefined ? {} : { note: wrong } };
    if (wrong !== undefined) return this.show(id, request, response, { ...state, status: 400 });
    return this.act(id, request, response, 'commented', state, (nowMs) => comment(this.stores.db, id, { who, note }, nowMs));
  }

  /** Does it, then leads back to the page; what somebody else did meanwhile is said on the page as it is now. */
  private async act(id: string, request: Request, response: Response, done: string, state: FormState, action: (nowMs: number) => Promise<unknown>): Promise<void> {
    try {
      await action(this.stores.clock.nowMs());
    } catch (error) {
      const problem = error instanceof CodedError ? MEANWHILE[error.code] : undefined;
      if (problem === undefined) throw error;
      return this.show(id, request, response, { ...state, problem, status: 409 });
    }
    response.redirect(303, `/alerts/${encodeURIComponent(id)}?done=${done}`);
  }

  private async show(id: string, request: Request, response: Response, state: FormState): Promise<void> {
    const { db, clock } = this.stores;
    const nowMs = clock.nowMs();
    const since = await lastChange(db, 'alerts'); // Before the alert: what changes meanwhile is told by the events.
    const detail = await getAlert(db, id);
    const [row] = await alertRows(db, [detail]);
    const fieldErrors = state.fieldErrors ?? {};
    const ids: Record<string, string> = { outcome: '#outcome', note: state.form === 'resolve' ? '#resolve-note' : '#comment' };
    const errors = [...Object.entries(fieldErrors).map(([field, words]) => ({ text: words, href: ids[field] })), ...(state.problem === undefined ? [] : [{ text: state.problem }])];
    response.status(state.status ?? 200).type('html').send(render('alert.njk', {
      ...frameOf(request, nowMs, detail.reason, 'alerts'),
      alert: row, since, zone: row!.timeZone, address: `/alerts/${encodeURIComponent(id)}`, errors, fieldErrors, notice: state.notice, openForm: state.form, seenChange: detail.change, values: state.values ?? {},
      outcomes: OUTCOMES.map((value) => ({ value, text: OUTCOME_WORDS[value] })),
      findings: await this.findings(detail, nowMs),
      history: detail.history.map((entry) => ({ ...entry, ...historyText(entry) })).reverse(),
      place: await placeOf(db, detail.home),
      residents: (await listResidents(db, detail.home)).filter(({ id: resident }) => detail.subjectKind !== 'resident' || resident === detail.subject),
      contacts: await listContacts(db, detail.home),
    }));
  }

  private async findings(detail: AlertDetail, nowMs: number): Promise<unknown[]> {
    const rooms = new Map((await listDevices(this.stores.db, detail.home, nowMs, { retired: true })).map((device) => [device.id, roomName(device.room, device.roomName)]));
    const changes: Record<string, string> = { raise: 'Raised', again: 'Called again', clear: 'Ended' };
    return detail.findings.slice(-FINDINGS_SHOWN).reverse().map((finding) => ({
      ...finding,
      agreed: finding.parameters['agreed'],
      title: ruleTitle(finding.rule),
      changeText: changes[finding.change] ?? finding.change,
      evidence: finding.evidence.slice(-EVIDENCE_SHOWN).map((one) => ({ ...one, roomText: rooms.get(one.device) ?? 'Not registered' })),
      parameters: Object.entries(finding.parameters).map(([name, value]) => parameterText(finding.rule, name, value)),
    }));
  }
}
