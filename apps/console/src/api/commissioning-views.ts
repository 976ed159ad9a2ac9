import { ApiProperty } from '@nestjs/swagger';
import { WIRED_KINDS, type AlarmTest, type DeviceCheck, type Wiring } from '#libs/registry';
import { iso, isoOrNull } from './moment.js';

const time = { type: String, format: 'date-time' } as const;

export class SeenView {
  @ApiProperty() kind!: string;
  @ApiProperty({ oneOf: [{ type: 'number' }, { type: 'boolean' }, { type: 'string' }] }) value!: number | boolean | string;
  @ApiProperty({ ...time, description: 'When it was received' }) at!: string;
}

export class CheckView {
  @ApiProperty() home!: string;
  @ApiProperty() device!: string;
  @ApiProperty(time) askedAt!: string;
  @ApiProperty() askedBy!: string;
  @ApiProperty({ ...time, nullable: true, description: 'Null while nothing has been heard since the question' }) confirmedAt!: string | null;
  @ApiProperty({ type: SeenView, nullable: true, description: 'What confirmed it' }) seen!: SeenView | null;
}

export function checkView({ home, device, askedMs, askedBy, confirmedMs, seen }: DeviceCheck): CheckView {
  return { home, device, askedAt: iso(askedMs), askedBy, confirmedAt: isoOrNull(confirmedMs), seen: seen === null ? null : { kind: seen.kind, value: seen.value, at: iso(seen.atMs) } };
}

export class WiringView {
  @ApiProperty() home!: string;
  @ApiProperty() device!: string;
  @ApiProperty({ enum: WIRED_KINDS }) kind!: string;
  @ApiProperty({ description: 'True: what the device tells is turned round' }) inverted!: boolean;
  @ApiProperty({ ...time, description: 'For messages that arrive from then on' }) effectiveFrom!: string;
  @ApiProperty() setBy!: string;
}

export function wiringView({ effectiveFromMs, ...wiring }: Wiring): WiringView {
  return { ...wiring, effectiveFrom: iso(effectiveFromMs) };
}

export class ImportView {
  @ApiProperty({ description: 'How many devices the table has' }) devices!: number;
  @ApiProperty({ description: 'True: they were only checked' }) dryRun!: boolean;
}

export class AlarmTestView {
  @ApiProperty() device!: string;
  @ApiProperty({ example: 'smoke' }) kind!: string;
  @ApiProperty({ ...time, nullable: true, description: 'When it was last received as a test' }) lastAt!: string | null;
  @ApiProperty({ description: 'Never tested, or not for longer than 31 days' }) due!: boolean;
}

export function alarmTestView({ lastMs, ...test }: AlarmTest): AlarmTestView {
  return { ...test, lastAt: isoOrNull(lastMs) };
}
