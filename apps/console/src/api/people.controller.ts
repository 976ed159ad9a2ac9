import { Body, Controller, Delete, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { addContact, addContext, endContext, getHome, listContacts, listContexts, listResidents, registerResident, removeContact } from '#libs/registry';
import { ApiAccess } from '../access/api-access.js';
import { Who } from '../access/who.js';
import { Stores } from '../stores.js';
import { ContactView, contactView, ContextView, contextView, ResidentView, residentView } from './home-views.js';
import { ApiList, whole, type List } from './lists.js';
import { ContactRequest, ContextRequest, ResidentRequest } from './requests.js';

/** Who lives in a home, who is told, and what is known to be going on. */
@ApiTags('Homes')
@ApiAccess()
@Controller('api/v1/homes/:home')
export class PeopleController {
  constructor(private readonly stores: Stores) {}

  @Post('residents')
  @ApiOperation({ summary: 'Registers who lives there and on what basis they are monitored; the same again answers 200' })
  @ApiCreatedResponse({ type: ResidentView })
  async registerResident(@Param('home') home: string, @Body() body: ResidentRequest, @Res({ passthrough: true }) response: Response): Promise<ResidentView> {
    const nowMs = this.stores.clock.nowMs();
    const resident = await registerResident(this.stores.db, home, body, nowMs);
    response.status(resident.createdMs === nowMs ? 201 : 200);
    return residentView(resident);
  }

  @Get('residents')
  @ApiOperation({ summary: 'Residents by id' })
  @ApiList(ResidentView)
  async residents(@Param('home') home: string): Promise<List<ResidentView>> {
    await getHome(this.stores.db, home);
    return whole((await listResidents(this.stores.db, home)).map(residentView));
  }

  @Post('contacts')
  @ApiOperation({ summary: 'Adds somebody who is told; the same again answers 200' })
  @ApiCreatedResponse({ type: ContactView })
  async addContact(@Param('home') home: string, @Body() body: ContactRequest, @Res({ passthrough: true }) response: Response): Promise<ContactView> {
    const nowMs = this.stores.clock.nowMs();
    const contact = await addContact(this.stores.db, home, body, nowMs);
    response.status(contact.createdMs === nowMs ? 201 : 200);
    return contactView(contact);
  }

  @Get('contacts')
  @ApiOperation({ summary: 'Contacts in the order in which they are told' })
  @ApiList(ContactView)
  async contacts(@Param('home') home: string): Promise<List<ContactView>> {
    await getHome(this.stores.db, home);
    return whole((await listContacts(this.stores.db, home)).map(contactView));
  }

  @Delete('contacts/:id') @HttpCode(204)
  @ApiOperation({ summary: 'They are told no more' })
  @ApiNoContentResponse()
  async removeContact(@Param('home') home: string, @Param('id') id: string): Promise<void> {
    await removeContact(this.stores.db, home, id);
  }

  @Post('contexts')
  @ApiOperation({ summary: 'Records what is known to be going on, such as a hospital stay; it ends by itself' })
  @ApiCreatedResponse({ type: ContextView })
  async addContext(@Param('home') home: string, @Body() body: ContextRequest, @Who() who: string, @Res({ passthrough: true }) response: Response): Promise<ContextView> {
    const nowMs = this.stores.clock.nowMs();
    const { kind, from, until, note = null } = body;
    const context = await addContext(this.stores.db, home, { kind, fromMs: from, untilMs: until, note, createdBy: who }, nowMs);
    response.status(context.createdMs === nowMs ? 201 : 200);
    return contextView(context);
  }

  @Get('contexts')
  @ApiOperation({ summary: 'What is, was and will be known to be going on' })
  @ApiList(ContextView)
  async contexts(@Param('home') home: string): Promise<List<ContextView>> {
    await getHome(this.stores.db, home);
    return whole((await listContexts(this.stores.db, home)).map(contextView));
  }

  @Delete('contexts/:id') @HttpCode(204)
  @ApiOperation({ summary: 'Ends it now, such as when somebody comes home early' })
  @ApiNoContentResponse()
  async endContext(@Param('home') home: string, @Param('id') id: string): Promise<void> {
    await endContext(this.stores.db, home, id, this.stores.clock.nowMs());
  }
}
