import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { createCredential, getHome, listCredentials, listDevices, listRules, listSightings, registerDevice, retireDevice, revokeCredential, rotateCredential, setRule } from '#libs/registry';
import { ApiAccess } from '../access/api-access.js';
import { Who } from '../access/who.js';
import { Stores } from '../stores.js';
import { CredentialView, credentialView, DeviceView, deviceView, NewCredentialView, RotatedCredentialView, RuleView, ruleView, SightingView, sightingView } from './home-views.js';
import { ApiList, whole, type List } from './lists.js';
import { iso } from './moment.js';
import { DeviceRequest, LoginRequest, RotationRequest, RuleRequest } from './requests.js';
import { checkedRule } from './rule-check.js';

/** Devices, logins, what was heard, and how the rules are set in a home. */
@ApiTags('Equipment')
@ApiAccess()
@Controller('api/v1/homes/:home')
export class EquipmentController {
  constructor(private readonly stores: Stores) {}

  @Post('devices')
  @ApiOperation({ summary: 'Registers a device, or a change of one, which holds from now on; the same again answers 200' })
  @ApiCreatedResponse({ type: DeviceView })
  async register(@Param('home') home: string, @Body() body: DeviceRequest, @Res({ passthrough: true }) response: Response): Promise<DeviceView> {
    const nowMs = this.stores.clock.nowMs();
    const { name: roomName = null, ...device } = body;
    const known = (await listDevices(this.stores.db, home, nowMs, { retired: true })).some(({ id }) => id === body.id);
    const registered = await registerDevice(this.stores.db, home, { ...device, roomName }, nowMs);
    response.status(known ? 200 : 201);
    return deviceView(registered);
  }

  @Get('devices')
  @ApiOperation({ summary: 'The devices as they are now' })
  @ApiList(DeviceView)
  async devices(@Param('home') home: string): Promise<List<DeviceView>> {
    await getHome(this.stores.db, home);
    return whole((await listDevices(this.stores.db, home, this.stores.clock.nowMs())).map(deviceView));
  }

  @Delete('devices/:device') @HttpCode(204)
  @ApiOperation({ summary: 'Retires a device: it is no longer expected to report' })
  @ApiNoContentResponse()
  async retire(@Param('home') home: string, @Param('device') device: string): Promise<void> {
    await retireDevice(this.stores.db, home, device, this.stores.clock.nowMs());
  }

  @Get('sightings')
  @ApiOperation({ summary: 'Every device that was heard, registered or not, with its battery' })
  @ApiList(SightingView)
  async sightings(@Param('home') home: string): Promise<List<SightingView>> {
    await getHome(this.stores.db, home);
    return whole((await listSightings(this.stores.db, home)).map(sightingView));
  }

  @Post('credentials') @HttpCode(201)
  @ApiOperation({ summary: 'Makes a login for a hub, for one device, or mounted; the password is in this answer and nowhere else' })
  @ApiCreatedResponse({ type: NewCredentialView })
  async createCredential(@Param('home') home: string, @Body() body: LoginRequest, @Res({ passthrough: true }) response: Response): Promise<NewCredentialView> {
    response.set('Cache-Control', 'no-store');
    const { username, password } = await createCredential(this.stores.db, home, this.stores.clock.nowMs(), body);
    return { username, password };
  }

  @Post('credentials/:username/rotate') @HttpCode(201)
  @ApiOperation({ summary: 'Makes a login that takes over; the old one opens until the time given. The password is in this answer and nowhere else' })
  @ApiCreatedResponse({ type: RotatedCredentialView })
  async rotate(@Param('home') home: string, @Param('username') username: string, @Body() body: RotationRequest, @Res({ passthrough: true }) response: Response): Promise<RotatedCredentialView> {
    response.set('Cache-Control', 'no-store');
    const { oldUntilMs, ...made } = await rotateCredential(this.stores.db, home, username, body.until, this.stores.clock.nowMs());
    return { ...made, oldUntil: iso(oldUntilMs) };
  }

  @Get('credentials')
  @ApiOperation({ summary: 'Logins of the home, without their passwords' })
  @ApiList(CredentialView)
  async credentials(@Param('home') home: string): Promise<List<CredentialView>> {
    await getHome(this.stores.db, home);
    return whole((await listCredentials(this.stores.db, home)).map(credentialView));
  }

  @Delete('credentials/:username') @HttpCode(204)
  @ApiOperation({ summary: 'Revokes a login at once' })
  @ApiNoContentResponse()
  async revoke(@Param('home') home: string, @Param('username') username: string): Promise<void> {
    await revokeCredential(this.stores.db, home, username, this.stores.clock.nowMs());
  }

  @Get('rules')
  @ApiOperation({ summary: 'How the rules are set in this home; a rule that is missing here follows its defaults' })
  @ApiList(RuleView)
  async rules(@Param('home') home: string): Promise<List<RuleView>> {
    await getHome(this.stores.db, home);
    return whole((await listRules(this.stores.db, home, this.stores.clock.nowMs())).map(ruleView));
  }

  @Put('rules/:rule')
  @ApiOperation({ summary: 'Turns a rule on or off in this home and sets its parameters, from now on' })
  @ApiOkResponse({ type: RuleView })
  async setRule(@Param('home') home: string, @Param('rule') rule: string, @Body() body: RuleRequest, @Who() who: string): Promise<RuleView> {
    const parameters = checkedRule(rule, body.parameters ?? {});
    return ruleView(await setRule(this.stores.db, home, rule, { enabled: body.enabled, parameters, setBy: who }, this.stores.clock.nowMs()));
  }
}
