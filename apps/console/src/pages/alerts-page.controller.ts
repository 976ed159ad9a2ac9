import { Controller, Get, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { listAlerts } from '#libs/alerts';
import { PSEUDONYM } from '#libs/telemetry';
import { PageGuard } from '../access/page-access.js';
import { Stores } from '../stores.js';
import { alertRows } from './alert-rows.js';
import { lastHeard } from './heard.js';
import { frameOf } from './page-of.js';
import { render } from './templates.js';

const ALERTS_PER_PAGE = 100;

type ListQuery = Record<string, unknown>;

/** The list that a nurse keeps open. */
@ApiExcludeController()
@UseGuards(PageGuard)
@Controller()
export class AlertsPageController {
  constructor(private readonly stores: Stores) {}

  @Get()
  start(@Res() response: Response): void {
    response.redirect(303, '/alerts');
  }

  @Get('alerts')
  async page(@Query() query: ListQuery, @Req() request: Request, @Res() response: Response): Promise<void> {
    const list = await this.list(query);
    const nowMs = this.stores.clock.nowMs();
    response.type('html').send(render('alerts.njk', {
      ...frameOf(request, nowMs, list.filter === 'open' ? 'Open alerts' : 'Resolved alerts', 'alerts'), ...list,
      address: `/alerts${list.search}`, fragment: `/alerts/list${list.search}`,
    }));
  }

  /** The list alone, for the page's own script. */
  @Get('alerts/list')
  async fragment(@Query() query: ListQuery, @Res() response: Response): Promise<void> {
    response.type('html').send(render('alert-list.njk', { nowMs: this.stores.clock.nowMs(), ...await this.list(query) }));
  }

  private async list(query: ListQuery): Promise<Record<string, unknown> & { filter: string; search: string }> {
    const filter = query['status'] === 'resolved' ? 'resolved' : 'open';
    const home = typeof query['home'] === 'string' && PSEUDONYM.test(query['home']) ? query['home'] : undefined;
    const after = typeof query['after'] === 'string' ? query['after'] : undefined;
    const { db, clock } = this.stores;
    const page = await listAlerts(db, { status: filter === 'open' ? 'unresolved' : 'resolved', limit: ALERTS_PER_PAGE, ...(home && { home }), ...(after && { after }) });
    const search = (more: Record<string, string | undefined>): string => {
      const params = new URLSearchParams(Object.entries({ ...(filter === 'resolved' && { status: filter }), ...(home && { home }), ...more }).filter((entry): entry is [string, string] => entry[1] !== undefined));
      return params.size === 0 ? '' : `?${params.toString()}`;
    };
    return {
      filter, home, search: search({ after }), more: page.next === undefined ? undefined : `/alerts${search({ after: page.next })}`,
      alerts: await alertRows(db, page.items), heard: await lastHeard(db, clock.nowMs()),
      emptyText: filter === 'open' ? 'No open alerts.' : 'No resolved alerts yet.',
    };
  }
}
