import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { recordAudit } from '#libs/identity';
import { createClaim, getHome, listClaims, LOGIN_KINDS, recordSecurityEvent, redeemClaim } from '#libs/registry';
import { CodedError } from '#libs/runtime';
import { ApiAccess } from '../access/api-access.js';
import { AttemptLimit } from '../access/attempt-limit.js';
import { Who } from '../access/who.js';
import { HttpProblem } from '../http/problem.js';
import { Stores } from '../stores.js';
import { ApiList, whole, type List } from './lists.js';
import { iso, isoOrNull } from './moment.js';
import { ClaimRequest, EmptyRequest } from './requests.js';

const time = { type: String, format: 'date-time' } as const;
const maybeText = { type: String, nullable: true } as const;

export class NewClaimView {
  @ApiProperty({ example: '7KQM-2XWD-9RTA', description: 'Shown here and nowhere else' }) code!: string;
  @ApiProperty({ description: 'Where a program exchanges it, with POST' }) url!: string;
  @ApiProperty(time) expiresAt!: string;
}

export class ClaimView {
  @ApiProperty() home!: string;
  @ApiProperty({ enum: LOGIN_KINDS }) kind!: string;
  @ApiProperty(maybeText) device!: string | null;
  @ApiProperty(time) createdAt!: string;
  @ApiProperty() createdBy!: string;
  @ApiProperty(time) expiresAt!: string;
  @ApiProperty({ ...time, nullable: true }) claimedAt!: string | null;
  @ApiProperty({ ...maybeText, description: 'The login that it was exchanged for' }) username!: string | null;
}

export class ClaimedView {
  @ApiProperty() home!: string;
  @ApiProperty({ enum: LOGIN_KINDS }) kind!: string;
  @ApiProperty(maybeText) device!: string | null;
  @ApiProperty() username!: string;
  @ApiProperty({ description: 'Shown here and nowhere else' }) password!: string;
}

/** Codes that are made in the console and exchanged for a login by a hub or a device. */
@ApiTags('Equipment')
@ApiAccess()
@Controller('api/v1/homes/:home/claims')
export class HomeClaimsController {
  constructor(private readonly stores: Stores) {}

  @Post() @HttpCode(201)
  @ApiOperation({ summary: 'Makes a code that a hub or a device exchanges for its login, once; the code is in this answer and nowhere else' })
  @ApiCreatedResponse({ type: NewClaimView })
  async create(@Param('home') home: string, @Body() { expires, ...login }: ClaimRequest, @Who() who: string, @Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<NewClaimView> {
    response.set('Cache-Control', 'no-store');
    const { code, expiresMs } = await createClaim(this.stores.db, home, { ...login, expiresMs: expires, createdBy: who }, this.stores.clock.nowMs());
    return { code, url: claimAddress(this.stores, request, code), expiresAt: iso(expiresMs) };
  }

  @Get()
  @ApiOperation({ summary: 'The newest 100 codes: open, used and expired, never the codes themselves' })
  @ApiList(ClaimView)
  async list(@Param('home') home: string): Promise<List<ClaimView>> {
    await getHome(this.stores.db, home);
    return whole((await listClaims(this.stores.db, home)).map(({ createdMs, expiresMs, claimedMs, ...claim }) => ({ ...claim, createdAt: iso(createdMs), expiresAt: iso(expiresMs), claimedAt: isoOrNull(claimedMs) })));
  }
}

/** Where a code is exchanged; the service's own public address where that is set. */
export function claimAddress({ settings }: Stores, request: Request, code: string): string {
  const base = settings.publicUrl ?? `${request.protocol}://${request.get('host') ?? 'localhost'}`;
  return `${base.replace(/\/$/, '')}/api/v1/claims/${code}`;
}

/** Asked without a token: the code is the proof. */
@ApiTags('Equipment')
@Controller('api/v1/claims')
export class ClaimsController {
  private readonly attempts = new AttemptLimit({ perAddress: 10, inAll: 300 });

  constructor(private readonly stores: Stores) {}

  @Post(':code') @HttpCode(201)
  @ApiOperation({ summary: 'Exchanges a claim code for its login, once. Without a token; 10 attempts a minute and address', security: [] })
  @ApiCreatedResponse({ type: ClaimedView })
  async redeem(@Param('code') code: string, @Body() _body: EmptyRequest, @Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<ClaimedView> {
    const { db, clock } = this.stores;
    const nowMs = clock.nowMs();
    if (!this.attempts.allows(request.ip ?? '', nowMs)) throw new HttpProblem(429, 'HW-CLAIM-WAIT', 'Too many claim codes were tried', 'Wait a minute and try again');
    response.set('Cache-Control', 'no-store');
    try {
      const { username, password, home, kind, device } = await redeemClaim(db, code, nowMs);
      await recordAudit(db, { who: 'service', what: 'claim-redeemed', subject: username }, nowMs);
      return { home, kind, device, username, password };
    } catch (error) {
      if (error instanceof CodedError && error.code === 'HW-CLAIM-UNKNOWN') {
        await recordSecurityEvent(db, { atMs: nowMs, code: error.code, home: null, username: null, detail: 'a claim code that gives nothing was tried' });
      }
      throw error;
    }
  }
}
