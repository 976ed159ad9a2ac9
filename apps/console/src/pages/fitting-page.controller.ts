import { Body, Controller, Get, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import {
  createClaim, createCredential, getHome, listAlarmTests, listChecks, listClaims, listCredentials, listDevices, listResidents, listSightings, LOGIN_KINDS, registerDevice, revokeCredential, ROOMS, rotateCredential, USES,
  type Credential, type LoginKind, type Room, type Use,
} from '#libs/registry';
import { days, hours } from '#libs/runtime';
import { PSEUDONYM } from '#libs/telemetry';
import { PageGuard } from '../access/page-access.js';
import { Who } from '../access/who.js';
import { claimAddress } from '../api/claims.controller.js';
import { importDevices } from '../commissioning/devices-csv.js';
import { suggestedUse } from '../commissioning/suggested-use.js';
import { Stores } from '../stores.js';
import { fieldError, formValues, type FormValues } from './form-values.js';
import { frameOf } from './page-of.js';
import { render } from './templates.js';
import { when } from './when.js';
import { kindName, roomName, useName } from './words.js';

const OVERLAP_MS = hours(24);
const CLAIM_VALID_MS = days(2);
const DEVICE_FIELDS = ['id', 'room', 'name', 'use', 'kinds', 'resident', 'model'] as const;
const LOGIN_FIELDS = ['device', 'kind'] as const;
const LOGIN_WORDS: Record<LoginKind, string> = { hub: 'A hub', device: 'A device that connects by itself', mounted: 'A device that can’t choose how its topics begin (mounted)' };
const NOTICES: Record<string, string> = { revoked: 'The login is revoked; its connections are closed.' };

interface PageState { values?: FormValues; fieldErrors?: Record<string, string>; adopting?: boolean; notice?: string; problems?: string[]; status?: number }

/** What an installer does in a home: adopting or registering devices, and making logins. */
@ApiExcludeController()
@UseGuards(PageGuard)
@Controller('homes/:home/fitting')
export class FittingPageController {
  constructor(private readonly stores: Stores) {}

  @Get()
  async page(@Param('home') home: string, @Query() query: Record<string, unknown>, @Req() request: Request, @Res() response: Response): Promise<void> {
    const adopt = query['adopt'];
    const state = typeof adopt === 'string' && PSEUDONYM.test(adopt) ? await this.adoption(home, adopt) : {};
    const done = query['done'];
    const notice = typeof done === 'string' && Object.hasOwn(NOTICES, done) ? NOTICES[done] : undefined;
    await this.show(home, request, response, { ...state, ...(notice !== undefined && { notice }) });
  }

  /** The form, filled in with what was seen of the device. */
  private async adoption(home: string, device: string): Promise<PageState> {
    const seen = (await listSightings(this.stores.db, home)).find((sighting) => sighting.device === device);
    const kinds = seen?.kinds ?? [];
    return { adopting: true, values: { id: device, kinds: kinds.join(' '), use: suggestedUse(kinds) ?? '', ...(seen?.model == null ? {} : { model: seen.model }) } };
  }

  @Post('devices')
  async register(@Param('home') home: string, @Body() body: Record<string, unknown>, @Req() request: Request, @Res() response: Response): Promise<void> {
    const values = formValues(body, DEVICE_FIELDS);
    try {
      const { id = '', room, name, use, kinds = '', resident, model } = values;
      await registerDevice(this.stores.db, home, {
        id, room: room as Room, roomName: name ?? null, use: use as Use, kinds: kinds.split(/[\s,]+/).filter((kind) => kind !== ''), resident: resident === '' ? null : resident ?? null, model: model ?? null,
      }, this.stores.clock.nowMs());
    } catch (error) {
      const fieldErrors = fieldError(error, DEVICE_FIELDS);
      if (fieldErrors === undefined) throw error;
      return this.show(home, request, response, { values, fieldErrors, status: 400 });
    }
    response.redirect(303, `${addressOf(home)}/devices/${encodeURIComponent(values['id']!)}?done=registered`);
  }

  @Post('logins')
  async makeLogin(@Param('home') home: string, @Body() body: Record<string, unknown>, @Req() request: Request, @Res() response: Response): Promise<void> {
    const values = formValues(body, LOGIN_FIELDS);
    const { kind, device } = values;
    const wanted = { kind: kind as LoginKind, device: kind === 'device' ? device ?? '' : null };
    try {
      const made = await createCredential(this.stores.db, home, this.stores.clock.nowMs(), wanted);
      await this.showLogin(home, request, response, { title: 'The new login', made, device: wanted.device });
    } catch (error) {
      const fieldErrors = fieldError(error, LOGIN_FIELDS);
      if (fieldErrors === undefined) throw error;
      await this.show(home, request, response, { values, fieldErrors, status: 400 });
    }
  }

  @Post('claims')
  async makeClaim(@Param('home') home: string, @Body() body: Record<string, unknown>, @Who() who: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const { kind, device } = formValues(body, LOGIN_FIELDS);
    const { db, clock } = this.stores;
    const wanted = { kind: kind as LoginKind, device: kind === 'device' ? device ?? '' : null };
    try {
      const { code, expiresMs } = await createClaim(db, home, { ...wanted, expiresMs: clock.nowMs() + CLAIM_VALID_MS, createdBy: who }, clock.nowMs());
      await this.showLogin(home, request, response, { title: 'The claim code', code, codeAddress: claimAddress(this.stores, request, code), expiresMs, device: wanted.device });
    } catch (error) {
      const fieldErrors = fieldError(error, LOGIN_FIELDS);
      if (fieldErrors === undefined) throw error;
      await this.show(home, request, response, { values: { device: device ?? '', kind: kind ?? '' }, fieldErrors, status: 400 });
    }
  }

  @Post('import')
  async import(@Param('home') home: string, @Body() body: Record<string, unknown>, @Req() request: Request, @Res() response: Response): Promise<void> {
    const values = formValues(body, ['csv']);
    const dryRun = body['act'] !== 'register';
    const { rows, problems } = await importDevices(this.stores, home, values['csv'] ?? '', { dryRun });
    const devices = rows === 1 ? '1 device' : `${rows} devices`;
    const done = dryRun ? `Nothing wrong with ${devices}. Nothing has been changed yet.` : `Registered: ${devices}.`;
    await this.show(home, request, response, problems.length > 0 ? { values, problems, status: 400 } : { notice: done, ...(dryRun && { values }) });
  }

  @Post('logins/:username/rotate')
  async rotate(@Param('home') home: string, @Param('username') username: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const nowMs = this.stores.clock.nowMs();
    const { oldUntilMs, ...made } = await rotateCredential(this.stores.db, home, username, nowMs + OVERLAP_MS, nowMs);
    await this.showLogin(home, request, response, { title: 'The login that takes over', made, oldUntilMs, oldUsername: username });
  }

  @Post('logins/:username/revoke')
  async revoke(@Param('home') home: string, @Param('username') username: string, @Res() response: Response): Promise<void> {
    await revokeCredential(this.stores.db, home, username, this.stores.clock.nowMs());
    response.redirect(303, `${addressOf(home)}?done=revoked`);
  }

  private async showLogin(home: string, request: Request, response: Response, shown: { title: string } & Record<string, unknown>): Promise<void> {
    const { timeZone } = await getHome(this.stores.db, home);
    response.set('Cache-Control', 'no-store').type('html').send(render('login-made.njk', {
      ...frameOf(request, this.stores.clock.nowMs(), shown.title, 'homes'), ...shown, home, zone: timeZone, address: addressOf(home),
    }));
  }

  private async show(id: string, request: Request, response: Response, { values = {}, fieldErrors = {}, problems = [], adopting = false, notice, status = 200 }: PageState): Promise<void> {
    const { db, clock } = this.stores;
    const nowMs = clock.nowMs();
    const home = await getHome(db, id);
    const sightings = await listSightings(db, id);
    const heard = new Map(sightings.map((sighting) => [sighting.device, sighting]));
    const checks = new Map((await listChecks(db, id)).map((check) => [check.device, check]));
    response.status(status).type('html').send(render('fitting.njk', {
      ...frameOf(request, nowMs, `Fitting in home ${id}`, 'homes'), home: id, zone: home.timeZone, address: addressOf(id), values, fieldErrors, adopting, notice,
      errors: [...Object.entries(fieldErrors).map(([field, words]) => ({ text: words, href: `#${field}` })), ...problems.map((text) => ({ text, href: '#csv' }))],
      claims: (await listClaims(db, id)).filter(({ claimedMs, expiresMs }) => claimedMs === null && expiresMs > nowMs).map(({ kind, device, ...claim }) => ({ ...claim, forText: device === null ? LOGIN_WORDS[kind] : `Device ${device}` })),
      strangers: sightings.filter(({ registered, kinds }) => !registered && kinds.length > 0).map((one) => ({ ...one, kindsText: one.kinds.map(kindName).join(', ') })),
      devices: (await listDevices(db, id, nowMs)).map((device) => ({ id: device.id, where: roomName(device.room, device.roomName), useText: useName(device.use), lastMs: heard.get(device.id)?.lastMs, check: checks.get(device.id) })),
      tests: await listAlarmTests(db, id, nowMs),
      rooms: choices(ROOMS, (room) => roomName(room)), uses: choices(USES, useName),
      residents: [{ value: '', text: 'Nobody’s in particular' }, ...(await listResidents(db, id)).map((resident) => ({ value: resident.id, text: resident.name ?? `Resident ${resident.id}` }))],
      loginKinds: LOGIN_KINDS.map((kind) => ({ value: kind, text: LOGIN_WORDS[kind] })),
      logins: (await listCredentials(db, id)).reverse().map((login) => loginRow(login, nowMs, home.timeZone)),
    }));
  }
}

const addressOf = (home: string): string => `/homes/${encodeURIComponent(home)}/fitting`;

function choices<T extends string>(words: readonly T[], nameOf: (word: T) => string): { value: string; text: string }[] {
  return [{ value: '', text: 'Choose' }, ...words.map((word) => ({ value: word, text: nameOf(word) }))];
}

function loginRow({ username, kind, device, createdMs, revokedMs, expiresMs }: Credential, nowMs: number, zone: string): Record<string, unknown> {
  const open = revokedMs === null && (expiresMs === null || expiresMs > nowMs);
  const stateText = revokedMs !== null ? `Revoked ${when(revokedMs, zone)}`
    : expiresMs === null ? `Since ${when(createdMs, zone)}`
      : `${open ? 'Opens until' : 'Ended'} ${when(expiresMs, zone)}`;
  return { username, open, stateText, forText: device === null ? LOGIN_WORDS[kind] : `Device ${device}` };
}
