import { Body, Controller, Get, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { countQuarantine, listQuarantine, replaysOf, requestReplay } from '#libs/quarantine';
import { PSEUDONYM } from '#libs/telemetry';
import { PageGuard } from '../access/page-access.js';
import { Who } from '../access/who.js';
import { Stores } from '../stores.js';
import { frameOf } from './page-of.js';
import { render } from './templates.js';
import { unregisteredDevices } from './unregistered-devices.js';
import { kindName } from './words.js';

const PER_PAGE = 50;
const PREVIEW_CHARACTERS_MAX = 160;

@ApiExcludeController()
@UseGuards(PageGuard)
@Controller('equipment')
export class EquipmentPageController {
  constructor(private readonly stores: Stores) {}

  @Get()
  async page(@Query() query: Record<string, unknown>, @Req() request: Request, @Res() response: Response): Promise<void> {
    const { db, clock } = this.stores;
    const filter = filterOf(query);
    const { home } = filter;
    const after = typeof query['after'] === 'string' ? query['after'] : undefined;
    const page = await listQuarantine(db, { limit: PER_PAGE, ...filter, ...(after && { after }) });
    const replays = await replaysOf(db, page.items.map(({ key }) => key));
    const strangers = await unregisteredDevices(db, home);
    const asked = typeof query['asked'] === 'string' && /^\d{1,5}$/.test(query['asked']) ? Number(query['asked']) : undefined;
    response.type('html').send(render('equipment.njk', {
      ...frameOf(request, clock.nowMs(), 'Equipment', 'equipment'), home, filter, searched: Object.keys(filter).length > 0, asked,
      codes: [{ value: '', text: 'Any reason' }, ...(await countQuarantine(db, home === undefined ? {} : { home })).map(({ code, count }) => ({ value: code, text: `${code} (${count})` }))],
      strangers: strangers.map((stranger) => ({ ...stranger, kindsText: stranger.kinds.map(kindName).join(', ') || 'nothing yet' })),
      items: page.items.map((item) => ({ ...item, preview: preview(item.payload), replay: replays.get(item.key) })),
      more: page.next === undefined ? undefined : `/equipment?${new URLSearchParams({ ...filter, after: page.next }).toString()}`,
    }));
  }

  /** Has what the search shows read again by the decoders of today. */
  @Post('replay')
  async replay(@Body() body: Record<string, unknown>, @Who() who: string, @Res() response: Response): Promise<void> {
    const filter = filterOf(body);
    const asked = await requestReplay(this.stores.db, filter, who, this.stores.clock.nowMs());
    response.redirect(303, `/equipment?${new URLSearchParams({ ...filter, asked: String(asked) }).toString()}#unreadable`);
  }
}

/** What the search form asks for; what can't be meant is left out. */
function filterOf(query: Record<string, unknown>): { home?: string; device?: string; code?: string; text?: string } {
  const given = (name: string, accepted: RegExp): Record<string, string> => {
    const value = query[name];
    return typeof value === 'string' && accepted.test(value.trim()) ? { [name]: value.trim() } : {};
  };
  return { ...given('home', PSEUDONYM), ...given('device', PSEUDONYM), ...given('code', /^HW-[A-Z-]{1,60}$/), ...given('text', /^.{1,200}$/) };
}

/** The beginning of a payload as text; what is not text shows as a dot. */
export function preview(payload: Uint8Array): string {
  const bytes = Buffer.from(payload);
  const text = bytes.subarray(0, PREVIEW_CHARACTERS_MAX * 4).toString('utf8').slice(0, PREVIEW_CHARACTERS_MAX);
  // eslint-disable-next-line no-control-regex
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\ufffd]/g, '·');
  return bytes.length > Buffer.byteLength(text) ? `${clean}…` : clean;
}
