import type { Database, Executor } from '#libs/database';
import { listSightings, recordDeviceTests, recordSightings, type DeviceTest, type Sighting } from '#libs/registry';
import type { Announcement, Reading } from '#libs/telemetry';

const KINDS_PER_DEVICE_MAX = 64;
/** What an insane hub invents beyond is stored as readings, and not listed. */
const DEVICES_PER_HOME_MAX = 1_000;

/**
 * When each device was last heard, what it sends, its battery and the gaps in its numbering; of
 * unregistered devices too, which wait for adoption. Kept whole and saved with the checkpoint, so
 * that reading the same entries again counts nothing twice.
 */
export class Sightings {
  private readonly homes = new Map<string, Map<string, Sighting>>();
  private readonly lastSeq = new Map<string, number>();
  private readonly changed = new Set<Sighting>();
  private readonly tests = new Map<string, DeviceTest>();

  constructor(private readonly database: Database) {}

  /** Loads what is known of these homes; call before anything is heard from them. */
  async know(homes: Iterable<string>): Promise<void> {
    for (const home of homes) {
      if (this.homes.has(home)) continue;
      const rows = await listSightings(this.database, home);
      this.homes.set(home, new Map(rows.map((sighting) => [sighting.device, sighting])));
    }
  }

  heard(readings: readonly Reading[]): void {
    for (const reading of readings) {
      const sighting = this.of(reading.home, reading.device, reading.receivedMs);
      if (sighting === undefined) continue;
      if (!sighting.kinds.includes(reading.kind) && sighting.kinds.length < KINDS_PER_DEVICE_MAX) sighting.kinds.push(reading.kind);
      if (reading.kind === 'battery' && typeof reading.value === 'number') sighting.battery = reading.value;
      if (reading.test && sighting.kinds.includes(reading.kind)) this.tested(reading);
      if (reading.seq !== undefined) this.countGap(sighting, reading.seq);
    }
  }

  /** A device or hub said that it is online or offline. */
  said(home: string, device: string, online: boolean, receivedMs: number): void {
    const sighting = this.of(home, device, receivedMs);
    if (sighting !== undefined) sighting.said = online ? 'online' : 'offline';
  }

  /** A hub's bridge says that these devices are there; one that was never heard is listed all the same. */
  announced(home: string, announcements: readonly Announcement[], receivedMs: number): void {
    const devices = this.homes.get(home);
    for (const { device, model, kinds } of announcements) {
      const sighting = devices?.get(device) ?? begun(home, device, receivedMs);
      const more = kinds.filter((kind) => !sighting.kinds.includes(kind)).slice(0, KINDS_PER_DEVICE_MAX - sighting.kinds.length);
      const isKnown = devices?.has(device) === true;
      if (devices === undefined || (!isKnown && devices.size >= DEVICES_PER_HOME_MAX)) return;
      if (isKnown && more.length === 0 && (model === null || model === sighting.model)) continue;
      sighting.kinds.push(...more);
      sighting.model = model ?? sighting.model ?? null;
      devices.set(device, sighting);
      this.changed.add(sighting);
    }
  }

  async save(executor: Executor): Promise<void> {
    if (this.changed.size > 0) await recordSightings(executor, [...this.changed]);
    if (this.tests.size > 0) await recordDeviceTests(executor, [...this.tests.values()]);
  }

  /** Call once the checkpoint has committed. */
  saved(): void {
    this.changed.clear();
    this.tests.clear();
  }

  private tested({ home, device, kind, receivedMs }: Reading): void {
    const key = `${home}/${device}/${kind}`;
    this.tests.set(key, { home, device, kind, lastMs: Math.max(receivedMs, this.tests.get(key)?.lastMs ?? 0) });
  }

  private of(home: string, device: string, receivedMs: number): Sighting | undefined {
    const devices = this.homes.get(home);
    let sighting = devices?.get(device);
    if (sighting === undefined) {
      if (devices === undefined || devices.size >= DEVICES_PER_HOME_MAX) return undefined;
      sighting = begun(home, device, receivedMs);
      devices.set(device, sighting);
    }
    sighting.lastMs = Math.max(sighting.lastMs, receivedMs);
    this.changed.add(sighting);
    return sighting;
  }

  /** A number below the last is a device that was reset; the same number comes with each value of one message. */
  private countGap(sighting: Sighting, seq: number): void {
    const key = `${sighting.home}/${sighting.device}`;
    const last = this.lastSeq.get(key);
    if (last !== undefined && seq > last + 1) sighting.missed += seq - last - 1;
    this.lastSeq.set(key, seq);
  }
}

/** Not heard yet. */
function begun(home: string, device: string, receivedMs: number): Sighting {
  return { home, device, firstMs: receivedMs, lastMs: 0, kinds: [], battery: null, said: null, missed: 0 };
}
