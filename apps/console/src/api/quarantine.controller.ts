import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { listQuarantine, replaysOf, requestReplay } from '#libs/quarantine';
import { ApiAccess } from '../access/api-access.js';
import { Who } from '../access/who.js';
import { Stores } from '../stores.js';
import { ApiList, type List } from './lists.js';
import { iso, isoOrNull } from './moment.js';
import { QuarantineQuery, ReplayRequest } from './requests.js';

const maybeText = { type: String, nullable: true } as const;
const time = { type: String, format: 'date-time' } as const;

export class QuarantineView {
  @ApiProperty() key!: string;
  @ApiProperty({ enum: ['message', 'point'] }) kind!: string;
  @ApiProperty(maybeText) home!: string | null;
  @ApiProperty(maybeText) device!: string | null;
  @ApiProperty(maybeText) topic!: string | null;
  @ApiProperty(time) at!: string;
  @ApiProperty() code!: string;
  @ApiProperty() reason!: string;
  @ApiProperty({ format: 'byte', description: 'The bytes as they came, base64' }) payload!: string;
  @ApiProperty({ ...time, nullable: true, description: 'When a decoder that knows it read it after all' }) replayedAt!: string | null;
  @ApiProperty({ ...time, nullable: true, description: 'When somebody last asked for it to be read again' }) replayAskedAt!: string | null;
  @ApiProperty({ ...maybeText, description: 'What came of that; null while it waits' }) replayOutcome!: string | null;
}

export class ReplayView {
  @ApiProperty({ description: 'How many messages are to be read again; 1,000 at most, the oldest first' }) requested!: number;
}

@ApiTags('Equipment')
@ApiAccess()
@Controller('api/v1/quarantine')
export class QuarantineController {
  constructor(private readonly stores: Stores) {}

  @Get()
  @ApiOperation({ summary: 'Messages that could not be read and points that a store refused, newest first' })
  @ApiList(QuarantineView)
  async list(@Query() { limit = 100, ...query }: QuarantineQuery): Promise<List<QuarantineView>> {
    const page = await listQuarantine(this.stores.db, { limit, ...query });
    const replays = await replaysOf(this.stores.db, page.items.map(({ key }) => key));
    const items = page.items.map(({ atMs, replayedMs, payload, ...row }) => {
      const replay = replays.get(row.key);
      return {
        ...row, payload: Buffer.from(payload).toString('base64'), at: iso(atMs), replayedAt: isoOrNull(replayedMs),
        replayAskedAt: isoOrNull(replay?.requestedMs ?? null), replayOutcome: replay?.outcome ?? null,
      };
    });
    return { items, next: page.next ?? null };
  }

  @Post('replay') @HttpCode(202)
  @ApiOperation({ summary: 'Has messages read again by the decoders of today, as late input with their own time of arrival; those that can be read now are marked, and each says what came of it' })
  @ApiAcceptedResponse({ type: ReplayView })
  async replay(@Body() filter: ReplayRequest, @Who() who: string): Promise<ReplayView> {
    return { requested: await requestReplay(this.stores.db, filter, who, this.stores.clock.nowMs()) };
  }
}
