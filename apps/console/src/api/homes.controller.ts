import { Body, Controller, Get, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { getHome, listHomes, registerHome, updateHomeAccess } from '#libs/registry';
import { ApiAccess } from '../access/api-access.js';
import { Stores } from '../stores.js';
import { HomeView, homeView } from './home-views.js';
import { ApiList, type List } from './lists.js';
import { AccessRequest, HomeRequest, PageQuery } from './requests.js';

@ApiTags('Homes')
@ApiAccess()
@Controller('api/v1/homes')
export class HomesController {
  constructor(private readonly stores: Stores) {}

  @Post()
  @ApiOperation({ summary: 'Registers a home; the same again changes nothing and answers 200' })
  @ApiCreatedResponse({ type: HomeView })
  async register(@Body() body: HomeRequest, @Res({ passthrough: true }) response: Response): Promise<HomeView> {
    const nowMs = this.stores.clock.nowMs();
    const home = await registerHome(this.stores.db, body, nowMs);
    response.status(home.createdMs === nowMs ? 201 : 200);
    return homeView(home);
  }

  @Get()
  @ApiOperation({ summary: 'Homes by id' })
  @ApiList(HomeView)
  async list(@Query() { limit = 100, after }: PageQuery): Promise<List<HomeView>> {
    const page = await listHomes(this.stores.db, { limit, ...(after && { after }) });
    return { items: page.items.map(homeView), next: page.next ?? null };
  }

  @Get(':home')
  @ApiOperation({ summary: 'One home' })
  @ApiOkResponse({ type: HomeView })
  async one(@Param('home') home: string): Promise<HomeView> {
    return homeView(await getHome(this.stores.db, home));
  }

  @Patch(':home')
  @ApiOperation({ summary: 'Changes what somebody at the door needs; what is left out stays, null empties' })
  @ApiOkResponse({ type: HomeView })
  async change(@Param('home') home: string, @Body() body: AccessRequest): Promise<HomeView> {
    return homeView(await updateHomeAccess(this.stores.db, home, body));
  }

  @Put(':home/access')
  @ApiOperation({ summary: 'Replaces what somebody at the door needs; what is left out is emptied' })
  @ApiOkResponse({ type: HomeView })
  async replace(@Param('home') home: string, @Body() body: AccessRequest): Promise<HomeView> {
    const { address = null, phone = null, keySafe = null, hazards = null, accessNotes = null } = body;
    return homeView(await updateHomeAccess(this.stores.db, home, { address, phone, keySafe, hazards, accessNotes }));
  }
}
