import { Controller, Get, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { listQuarantine } from '#libs/quarantine';
import { PSEUDONYM } from '#libs/telemetry';
import { PageGuard } from '../access/page-access.js';
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
    const home = typeof query['home'] === 'string' && PSEUDONYM.test(query['home']) ? query['home'] : undefined;
    const after = typeof query['after'] === 'string' ? query['after'] : undefined;
    const page = await listQuarantine(db, { limit: PER_PAGE, ...(home && { home }), ...(after && { after }) });
    const strangers = await unregisteredDevices(db, home);
    response.type('html').send(render('equipment.njk', {
      ...frameOf(request, clock.nowMs(), 'Equipment', 'equipment'), home,
      strangers: strangers.map((stranger) => ({ ...stranger, kindsText: stranger.kinds.map(kindName).join(', ') || 'nothing yet' })),
      items: page.items.map((item) => ({ ...item, preview: preview(item.payload) })),
      more: page.next === undefined ? undefined : `/equipment?${new URLSearchParams({ ...(home && { home }), after: page.next }).toString()}`,
    }));
  }
}

/** The beginning of a payload as text; what is not text shows as a dot. */
export function preview(payload: Uint8Array): string {
  const bytes = Buffer.from(payload);
  const text = bytes.subarray(0, PREVIEW_CHARACTERS_MAX * 4).toString('utf8').slice(0, PREVIEW_CHARACTERS_MAX);
  // eslint-disable-next-line no-control-regex
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\ufffd]/g, '·');
  return bytes.length > Buffer.byteLength(text) ? `${clean}…` : clean;
}
