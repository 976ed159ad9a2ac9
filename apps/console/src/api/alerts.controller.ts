import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { acknowledge, comment, getAlert, going, listAlerts } from '#libs/alerts';
import { resolveAndTell } from '#libs/escalation';
import { ApiAccess } from '../access/api-access.js';
import { Who } from '../access/who.js';
import { Stores } from '../stores.js';
import { alertDetailView, AlertDetailView, AlertListView, alertView } from './alert-view.js';
import { AlertsQuery, CommentRequest, NoteRequest, ResolveRequest } from './requests.js';

@ApiTags('Alerts')
@ApiAccess()
@Controller('api/v1/alerts')
export class AlertsController {
  constructor(private readonly stores: Stores) {}

  @Get()
  @ApiOperation({ summary: 'Open alerts first, by severity and newest first, then acknowledged, then resolved' })
  @ApiOkResponse({ type: AlertListView })
  async list(@Query() query: AlertsQuery): Promise<AlertListView> {
    const { status, home, after, limit = 100 } = query;
    const page = await listAlerts(this.stores.db, { limit, ...(status && { status }), ...(home && { home }), ...(after && { after }) });
    return { items: page.items.map(alertView), next: page.next ?? null };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One alert with its findings, their evidence and parameters, and its history' })
  @ApiOkResponse({ type: AlertDetailView })
  async one(@Param('id') id: string): Promise<AlertDetailView> {
    return alertDetailView(await getAlert(this.stores.db, id));
  }

  @Post(':id/acknowledge') @HttpCode(200)
  @ApiOperation({ summary: 'Somebody has seen it' })
  @ApiOkResponse({ type: AlertDetailView })
  async acknowledge(@Param('id') id: string, @Body() body: NoteRequest, @Who() who: string): Promise<AlertDetailView> {
    await acknowledge(this.stores.db, id, { who, note: body.note ?? null }, this.stores.clock.nowMs());
    return this.one(id);
  }

  @Post(':id/going') @HttpCode(200)
  @ApiOperation({ summary: 'Somebody is on the way' })
  @ApiOkResponse({ type: AlertDetailView })
  async going(@Param('id') id: string, @Body() body: NoteRequest, @Who() who: string): Promise<AlertDetailView> {
    await going(this.stores.db, id, { who, note: body.note ?? null }, this.stores.clock.nowMs());
    return this.one(id);
  }

  @Post(':id/resolve') @HttpCode(200)
  @ApiOperation({ summary: 'It has been dealt with' })
  @ApiOkResponse({ type: AlertDetailView })
  async resolve(@Param('id') id: string, @Body() body: ResolveRequest, @Who() who: string): Promise<AlertDetailView> {
    await resolveAndTell(this.stores.db, id, { who, note: body.note ?? null, outcome: body.outcome, ...(body.seenChange !== undefined && { seenChange: body.seenChange }) }, this.stores.clock.nowMs());
    return this.one(id);
  }

  @Post(':id/comments') @HttpCode(201)
  @ApiOperation({ summary: 'Adds a remark to the history' })
  async comment(@Param('id') id: string, @Body() body: CommentRequest, @Who() who: string): Promise<AlertDetailView> {
    await comment(this.stores.db, id, { who, note: body.note }, this.stores.clock.nowMs());
    return this.one(id);
  }
}
