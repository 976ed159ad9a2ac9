import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { getHome } from '#libs/registry';
import { ApiAccess } from '../access/api-access.js';
import { Access } from '../access/access.js';
import { EventStreams } from '../live/event-streams.js';
import { Stores } from '../stores.js';
import { EventsQuery } from './requests.js';

@ApiTags('Events')
@ApiAccess()
@Controller('api/v1/events')
export class EventsController {
  constructor(private readonly stores: Stores, private readonly access: Access, private readonly streams: EventStreams) {}

  @Get()
  @ApiOperation({ summary: 'Server-sent events: `ready`, `alert` (id: its change number; resume with Last-Event-ID), `readings` of `home`, `beat`' })
  @ApiProduces('text/event-stream')
  async events(@Query() query: EventsQuery, @Req() request: Request, @Res() response: Response): Promise<void> {
    if (query.home !== undefined) await getHome(this.stores.db, query.home);
    await this.streams.serve(request, response, { ...(query.home && { home: query.home }), ...(query.since !== undefined && { since: query.since }), stillAllowed: () => this.access.stillAllowed(request) });
  }
}
