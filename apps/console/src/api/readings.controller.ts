import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { getHome } from '#libs/registry';
import type { Point } from '#libs/timeseries';
import { ApiAccess } from '../access/api-access.js';
import { HttpProblem } from '../http/problem.js';
import { Stores } from '../stores.js';
import { iso } from './moment.js';
import { aggregatePage, everyMs } from './readings-window.js';
import { ReadingsQuery } from './requests.js';

const LIMIT_DEFAULT = 1_000;
/** Later than any reading can be stored: 2255. Replays may run ahead of the clock, so an open end is not "now". */
const END_MS = 9_000_000_000_000;
const valueOf = { oneOf: [{ type: 'number' }, { type: 'boolean' }, { type: 'string' }] };
const time = { type: String, format: 'date-time' } as const;

/** A reading, or with `every` an interval: then `start` and `value` stand in place of the times. */
export class ReadingView {
  @ApiProperty() device!: string;
  @ApiProperty() kind!: string;
  @ApiProperty(valueOf) value!: number | boolean | string;
  @ApiPropertyOptional({ ...time, description: 'When it happened' }) at?: string;
  @ApiPropertyOptional({ ...time, description: 'When the service received it' }) receivedAt?: string;
  @ApiPropertyOptional({ enum: ['device', 'arrival', 'wrong'], description: 'How far its time can be trusted' }) clock?: string;
  @ApiPropertyOptional({ description: 'A device test: never pages' }) test?: boolean;
  @ApiPropertyOptional({ description: 'Whom a shared device measured' }) resident?: string;
  @ApiPropertyOptional({ ...time, description: 'Where the interval begins' }) start?: string;
}

export class ReadingListView {
  @ApiProperty({ type: [ReadingView] }) items!: ReadingView[];
  @ApiProperty({ type: String, nullable: true }) next!: string | null;
}

export function readingView({ device, kind, value, atMs, receivedMs, clock, test, resident }: Point): ReadingView {
  return { device, kind, value, at: iso(atMs), receivedAt: iso(receivedMs), clock, test, ...(resident === undefined ? {} : { resident }) };
}

@ApiTags('Readings')
@ApiAccess()
@Controller('api/v1/homes/:home/readings')
export class ReadingsController {
  constructor(private readonly stores: Stores) {}

  @Get()
  @ApiOperation({ summary: 'Raw readings, or with `every` one value an interval, device and kind; in the order of time' })
  @ApiOkResponse({ type: ReadingListView })
  async list(@Param('home') home: string, @Query() query: ReadingsQuery): Promise<ReadingListView> {
    await getHome(this.stores.db, home);
    const { kind, device, from, after, limit = LIMIT_DEFAULT } = query;
    const toMs = Math.min(query.to ?? END_MS, END_MS);
    if (from !== undefined && from > toMs) throw new HttpProblem(400, 'HW-INVALID', 'from: is later than to', 'Swap them');
    if (query.fn !== undefined && query.every === undefined) throw new HttpProblem(400, 'HW-INVALID', 'fn: needs every, the length of the intervals', 'Add for instance every=1h');
    const range = { home, toMs, limit, ...(kind && { kind }), ...(device && { device }), ...(after && { after }) };
    if (query.every === undefined) {
      const page = await this.stores.series.raw({ ...range, fromMs: from ?? 0 });
      return { items: page.items.map(readingView), next: page.next ?? null };
    }
    const newestMs = Math.max(-1, ...(await this.stores.series.latest(home)).map((point) => point.atMs));
    const page = await aggregatePage(this.stores.series, { ...range, toMs: Math.min(toMs, newestMs + 1), ...(from === undefined ? {} : { fromMs: from }), everyMs: everyMs(query.every), fn: query.fn ?? 'count' });
    return { items: page.items.map(({ device: of, kind: what, startMs, value }) => ({ device: of, kind: what, start: iso(startMs), value })), next: page.next };
  }
}
