import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { askCheck, getHome, listAlarmTests, listWiring, setWiring } from '#libs/registry';
import { CodedError } from '#libs/runtime';
import { ApiAccess } from '../access/api-access.js';
import { Who } from '../access/who.js';
import { importDevices } from '../commissioning/devices-csv.js';
import { lookForDevice } from '../commissioning/look-for-device.js';
import { HttpProblem } from '../http/problem.js';
import { Stores } from '../stores.js';
import { AlarmTestView, alarmTestView, CheckView, checkView, ImportView, WiringView, wiringView } from './commissioning-views.js';
import { ApiList, whole, type List } from './lists.js';
import { EmptyRequest, ImportQuery, WiringRequest } from './requests.js';

/** What is done when a device is fitted: seeing that it works, and which way round it is. */
@ApiTags('Equipment')
@ApiAccess()
@Controller('api/v1/homes/:home')
export class CommissioningController {
  constructor(private readonly stores: Stores) {}

  @Post('devices/import') @HttpCode(200)
  @ApiConsumes('text/csv')
  @ApiBody({ schema: { type: 'string', example: 'id,room,name,use,kinds,resident,model\npir-hall,hallway,,movement,motion battery,,' } })
  @ApiOperation({ summary: 'Registers the devices of a table, all of them or none; kinds have a space between. With problems (400) each is told with its line' })
  @ApiOkResponse({ type: ImportView })
  async import(@Param('home') home: string, @Query() query: ImportQuery, @Body() csv: unknown): Promise<ImportView> {
    if (typeof csv !== 'string') throw new HttpProblem(415, 'HW-HTTP-TYPE', 'The type of the request body is not accepted', 'Send Content-Type: text/csv in UTF-8');
    const dryRun = query.dryRun === 'true';
    const { rows, problems } = await importDevices(this.stores, home, csv, { dryRun });
    if (problems.length > 0) throw new HttpProblem(400, 'HW-INVALID', `Nothing was registered: ${problems[0]!}`, 'Correct these lines and send the whole table again', problems);
    return { devices: rows, dryRun };
  }

  @Post('devices/:device/check') @HttpCode(201)
  @ApiOperation({ summary: 'Begins a check: press the device or walk past it now, then ask how the check stands' })
  @ApiCreatedResponse({ type: CheckView })
  async ask(@Param('home') home: string, @Param('device') device: string, @Body() _body: EmptyRequest, @Who() who: string): Promise<CheckView> {
    return checkView(await askCheck(this.stores.db, home, device, who, this.stores.clock.nowMs()));
  }

  @Get('devices/:device/check')
  @ApiOperation({ summary: 'How the newest check stands: confirmed by the first reading that shows the device at work and that was received after the question. Ask every second' })
  @ApiOkResponse({ type: CheckView })
  async check(@Param('home') home: string, @Param('device') device: string): Promise<CheckView> {
    await getHome(this.stores.db, home);
    const check = await lookForDevice(this.stores, home, device);
    if (check === undefined) throw new CodedError('HW-NOT-FOUND', `No check of device ${device} was begun`, 'Begin one with POST');
    return checkView(check);
  }

  @Put('devices/:device/wiring')
  @ApiOperation({ summary: 'Says which way round a contact or pad is wired, for messages that arrive from 2 seconds later on' })
  @ApiOkResponse({ type: WiringView })
  async setWiring(@Param('home') home: string, @Param('device') device: string, @Body() { kind, inverted }: WiringRequest, @Who() who: string): Promise<WiringView> {
    return wiringView(await setWiring(this.stores.db, home, { device, kind, inverted, setBy: who }, this.stores.clock.nowMs()));
  }

  @Get('tests')
  @ApiOperation({ summary: 'The monthly test: every alarm of the registered devices, when it was last received as a test, and whether it is due; due ones first' })
  @ApiList(AlarmTestView)
  async tests(@Param('home') home: string): Promise<List<AlarmTestView>> {
    await getHome(this.stores.db, home);
    return whole((await listAlarmTests(this.stores.db, home, this.stores.clock.nowMs())).map(alarmTestView));
  }

  @Get('wiring')
  @ApiOperation({ summary: 'Every answer about the wiring of this home\'s devices, in the order of their times' })
  @ApiList(WiringView)
  async wiring(@Param('home') home: string): Promise<List<WiringView>> {
    await getHome(this.stores.db, home);
    return whole((await listWiring(this.stores.db, home)).map(wiringView));
  }
}
