import { Body, Controller, Get, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { askCheck, getHome, listDevices, listWiring, setWiring, type DeviceCheck, type Wiring } from '#libs/registry';
import { ALARM_KINDS } from '#libs/telemetry';
import { PageGuard } from '../access/page-access.js';
import { Who } from '../access/who.js';
import { isInvertedAt, isWired, isWiredWrong, lookForDevice } from '../commissioning/look-for-device.js';
import { HttpProblem } from '../http/problem.js';
import { Stores } from '../stores.js';
import { frameOf } from './page-of.js';
import { render } from './templates.js';
import { roomName, useName, valueText } from './words.js';

const STALE_AFTER_MS = 60_000;
const NOTICES: Record<string, string> = { registered: 'Registered. Now check that it works.', wired: 'Noted which way round it is. Check it once more.' };

/** What is asked about a state when somebody stands beside the device. */
const QUESTIONS: Record<string, { ask: string; yes: string; no: string }> = {
  open: { ask: 'Was the door or window open when you did that?', yes: 'It was open', no: 'It was closed' },
  bed_occupied: { ask: 'Was somebody on the bed when you did that?', yes: 'Somebody was on it', no: 'It was empty' },
  chair_occupied: { ask: 'Was somebody in the chair when you did that?', yes: 'Somebody was in it', no: 'It was empty' },
  presence: { ask: 'Was somebody there when you did that?', yes: 'Somebody was there', no: 'Nobody was there' },
  worn: { ask: 'Was it being worn when you did that?', yes: 'It was worn', no: 'It was not worn' },
};

/** "Press or walk past it now": whether a device is heard, and which way round it is. */
@ApiExcludeController()
@UseGuards(PageGuard)
@Controller('homes/:home/fitting/devices/:device')
export class DeviceCheckPageController {
  constructor(private readonly stores: Stores) {}

  @Get()
  async page(@Param('home') home: string, @Param('device') device: string, @Query('done') done: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const { db, clock } = this.stores;
    const known = (await listDevices(db, home, clock.nowMs())).find(({ id }) => id === device);
    response.type('html').send(render('device-check.njk', {
      ...frameOf(request, clock.nowMs(), `Check ${device}`, 'homes'), ...await this.standing(home, device),
      back: `/homes/${encodeURIComponent(home)}/fitting`, notice: typeof done === 'string' && Object.hasOwn(NOTICES, done) ? NOTICES[done] : undefined,
      place: known === undefined ? 'Not registered.' : `${roomName(known.room, known.roomName)} · ${useName(known.use)}`,
      alarm: known?.kinds.some((kind) => (ALARM_KINDS as readonly string[]).includes(kind)) ?? false,
    }));
  }

  /** How the check stands, for the page's own script. */
  @Get('standing')
  async fragment(@Param('home') home: string, @Param('device') device: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    response.type('html').send(render('device-standing.njk', { ...frameOf(request, this.stores.clock.nowMs(), ''), ...await this.standing(home, device) }));
  }

  @Post('check')
  async ask(@Param('home') home: string, @Param('device') device: string, @Who() who: string, @Res() response: Response): Promise<void> {
    await askCheck(this.stores.db, home, device, who, this.stores.clock.nowMs());
    response.redirect(303, addressOf(home, device));
  }

  @Post('wiring')
  async wiring(@Param('home') home: string, @Param('device') device: string, @Body() body: Record<string, unknown>, @Who() who: string, @Res() response: Response): Promise<void> {
    const { db, clock } = this.stores;
    const check = await lookForDevice(this.stores, home, device);
    if (check?.seen == null || String(check.askedMs) !== body['askedMs'] || typeof check.seen.value !== 'boolean') {
      throw new HttpProblem(409, 'HW-CHECK-CHANGED', 'The device has been checked again meanwhile', 'Go back, reload the page and answer what it asks now');
    }
    const { kind, value, atMs } = check.seen;
    const inverted = isWiredWrong(value, body['truth'] === 'true', await isInvertedAt(db, home, { device, kind }, atMs));
    await setWiring(db, home, { device, kind, inverted, setBy: who }, clock.nowMs());
    response.redirect(303, `${addressOf(home, device)}?done=wired`);
  }

  private async standing(homeId: string, device: string): Promise<Record<string, unknown>> {
    const { db, clock } = this.stores;
    const { timeZone } = await getHome(db, homeId);
    const check = await lookForDevice(this.stores, homeId, device);
    const wiring = (await listWiring(db, homeId)).filter((one) => one.device === device);
    return {
      home: homeId, zone: timeZone, address: addressOf(homeId, device), check, wiring: newestOfEach(wiring), question: questionOf(check, wiring),
      seenText: check?.seen == null ? '' : valueText(check.seen.value, check.seen.kind), stale: check !== undefined && clock.nowMs() - check.askedMs > STALE_AFTER_MS,
    };
  }
}

const addressOf = (home: string, device: string): string => `/homes/${encodeURIComponent(home)}/fitting/devices/${encodeURIComponent(device)}`;

function newestOfEach(wiring: Wiring[]): Wiring[] {
  return [...new Map(wiring.map((one) => [one.kind, one])).values()];
}

/** Asked once after each check that showed a state which may be wired the wrong way round. */
function questionOf(check: DeviceCheck | undefined, wiring: Wiring[]): Record<string, string> | undefined {
  const seen = check?.seen;
  if (seen == null || !isWired(seen.kind) || typeof seen.value !== 'boolean') return undefined;
  if (wiring.some(({ kind, effectiveFromMs }) => kind === seen.kind && effectiveFromMs > seen.atMs)) return undefined; // Answered, or set, since.
  const question = QUESTIONS[seen.kind]!;
  return { ...question, told: (seen.value ? question.yes : question.no).toLowerCase() };
}
