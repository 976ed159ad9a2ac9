import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { listQuarantine } from '#libs/quarantine';
import { ApiAccess } from '../access/api-access.js';
import { Stores } from '../stores.js';
import { ApiList, type List } from './lists.js';
import { iso, isoOrNull } from './moment.js';
import { QuarantineQuery } from './requests.js';

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
}

@ApiTags('Equipment')
@ApiAccess()
@Controller('api/v1/quarantine')
export class QuarantineController {
  constructor(private readonly stores: Stores) {}

  @Get()
  @ApiOperation({ summary: 'Messages that could not be read and points that a store refused, newest first' })
  @ApiList(QuarantineView)
  async list(@Query() { home, limit = 100, after }: QuarantineQuery): Promise<List<QuarantineView>> {
    const page = await listQuarantine(this.stores.db, { limit, ...(home && { home }), ...(after && { after }) });
    return { items: page.items.map(({ atMs, replayedMs, payload, ...row }) => ({ ...row, payload: Buffer.from(payload).toString('base64'), at: iso(atMs), replayedAt: isoOrNull(replayedMs) })), next: page.next ?? null };
  }
}
