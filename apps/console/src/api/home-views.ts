import { ApiProperty } from '@nestjs/swagger';
import { BASES, CONTACT_ROLES, CONTEXT_KINDS, HOME_KINDS, LOGIN_KINDS, ROOMS, USES, type Contact, type Context, type Credential, type Device, type Home, type Resident, type listSightings, type RuleSetting } from '#libs/registry';
import { iso, isoOrNull } from './moment.js';

const time = { type: String, format: 'date-time' } as const;
const maybeText = { type: String, nullable: true } as const;

export class HomeView {
  @ApiProperty() id!: string;
  @ApiProperty({ example: 'Europe/London' }) timeZone!: string;
  @ApiProperty({ enum: HOME_KINDS }) kind!: string;
  @ApiProperty(maybeText) address!: string | null;
  @ApiProperty(maybeText) phone!: string | null;
  @ApiProperty(maybeText) keySafe!: string | null;
  @ApiProperty(maybeText) hazards!: string | null;
  @ApiProperty(maybeText) accessNotes!: string | null;
  @ApiProperty(time) createdAt!: string;
}

export function homeView({ createdMs, ...home }: Home): HomeView {
  return { ...home, createdAt: iso(createdMs) };
}

export class ResidentView {
  @ApiProperty() home!: string;
  @ApiProperty() id!: string;
  @ApiProperty(maybeText) name!: string | null;
  @ApiProperty({ enum: BASES }) basis!: string;
  @ApiProperty() decidedBy!: string;
  @ApiProperty({ format: 'date' }) reviewOn!: string;
  @ApiProperty(time) createdAt!: string;
}

export function residentView({ createdMs, ...resident }: Resident): ResidentView {
  return { ...resident, createdAt: iso(createdMs) };
}

export class ContactView {
  @ApiProperty() id!: string;
  @ApiProperty() home!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ enum: CONTACT_ROLES }) role!: string;
  @ApiProperty(maybeText) email!: string | null;
  @ApiProperty(maybeText) phone!: string | null;
  @ApiProperty({ description: 'Who is told first: ascending' }) position!: number;
  @ApiProperty(time) createdAt!: string;
}

export function contactView({ createdMs, ...contact }: Contact): ContactView {
  return { ...contact, createdAt: iso(createdMs) };
}

export class ContextView {
  @ApiProperty() id!: string;
  @ApiProperty() home!: string;
  @ApiProperty({ enum: CONTEXT_KINDS }) kind!: string;
  @ApiProperty(time) from!: string;
  @ApiProperty(time) until!: string;
  @ApiProperty(maybeText) note!: string | null;
  @ApiProperty() createdBy!: string;
  @ApiProperty(time) createdAt!: string;
}

export function contextView({ fromMs, untilMs, createdMs, ...context }: Context): ContextView {
  return { ...context, from: iso(fromMs), until: iso(untilMs), createdAt: iso(createdMs) };
}

export class DeviceView {
  @ApiProperty() home!: string;
  @ApiProperty() id!: string;
  @ApiProperty(maybeText) model!: string | null;
  @ApiProperty({ enum: ROOMS }) room!: string;
  @ApiProperty({ ...maybeText, description: 'The name of the room' }) name!: string | null;
  @ApiProperty({ enum: USES }) use!: string;
  @ApiProperty({ type: [String] }) kinds!: string[];
  @ApiProperty(maybeText) resident!: string | null;
  @ApiProperty() retired!: boolean;
  @ApiProperty({ ...time, description: 'Since when this holds; 1970 for the first version' }) effectiveFrom!: string;
}

export function deviceView({ roomName, effectiveFromMs, ...device }: Device): DeviceView {
  return { ...device, name: roomName, effectiveFrom: iso(effectiveFromMs) };
}

/** The answer to a new login: the only one that holds the password. */
export class NewCredentialView {
  @ApiProperty() username!: string;
  @ApiProperty({ description: 'Shown here and nowhere else' }) password!: string;
}

export class CredentialView {
  @ApiProperty() username!: string;
  @ApiProperty() home!: string;
  @ApiProperty({ enum: LOGIN_KINDS }) kind!: string;
  @ApiProperty({ ...maybeText, description: 'The one device of a login of the kind device' }) device!: string | null;
  @ApiProperty(time) createdAt!: string;
  @ApiProperty({ ...time, nullable: true }) revokedAt!: string | null;
  @ApiProperty({ ...time, nullable: true, description: 'When it ends by itself: it was rotated' }) endsAt!: string | null;
}

/** The answer to a rotation: the only one that holds the new password. */
export class RotatedCredentialView extends NewCredentialView {
  @ApiProperty({ ...time, description: 'Until when the old login still opens' }) oldUntil!: string;
}

export function credentialView({ createdMs, revokedMs, expiresMs, ...credential }: Credential): CredentialView {
  return { ...credential, endsAt: isoOrNull(expiresMs), createdAt: iso(createdMs), revokedAt: isoOrNull(revokedMs) };
}

export class SightingView {
  @ApiProperty() home!: string;
  @ApiProperty() device!: string;
  @ApiProperty(time) firstAt!: string;
  @ApiProperty({ ...time, nullable: true, description: 'Null: announced by its hub, and not heard yet' }) lastAt!: string | null;
  @ApiProperty({ ...maybeText, description: 'As its hub announced it' }) model!: string | null;
  @ApiProperty({ type: [String] }) kinds!: string[];
  @ApiProperty({ type: Number, nullable: true, description: '%' }) battery!: number | null;
  @ApiProperty({ type: String, enum: ['online', 'offline'], nullable: true, description: 'As the device or hub last said' }) said!: string | null;
  @ApiProperty({ description: 'Messages found missing by their numbers' }) missed!: number;
  @ApiProperty({ description: 'False: it waits for adoption' }) registered!: boolean;
}

export function sightingView({ firstMs, lastMs, ...sighting }: Awaited<ReturnType<typeof listSightings>>[number]): SightingView {
  return { ...sighting, firstAt: iso(firstMs), lastAt: lastMs === 0 ? null : iso(lastMs) };
}

export class RuleView {
  @ApiProperty() home!: string;
  @ApiProperty() rule!: string;
  @ApiProperty() enabled!: boolean;
  @ApiProperty({ type: 'object', additionalProperties: true }) parameters!: Record<string, number | boolean | string>;
  @ApiProperty() setBy!: string;
  @ApiProperty(time) effectiveFrom!: string;
}

export function ruleView({ effectiveFromMs, ...rule }: RuleSetting): RuleView {
  return { ...rule, effectiveFrom: iso(effectiveFromMs) };
}
