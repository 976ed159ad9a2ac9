import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const LOCATIONS = ['Bathroom', 'Bedroom', 'Hallway', 'Kitchen', 'Lounge', 'Front Door', 'Back Door', 'Fridge Door'];

/** Tables in the TIHM layout, as text. */
export interface SyntheticTables {
  Activity: string;
  Physiology: string;
  Labels: string;
}

const two = (n: number): string => String(n).padStart(2, '0');
const csv = (rows: string[][]): string => rows.map((row) => `${row.join(',')}\r\n`).join('');

/** A small generator with a seed (mulberry32): made-up data that looks like the real tables, and is nobody's. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface SyntheticOptions {
  homes: number;
  days: number;
  seed: number;
  eventsADay?: number;
  /** A day of May on which nobody is heard from 3 to 7 h: the platform was down. */
  silentDay?: number;
}

/** Made-up people over some days from 1 May 2019, with high blood pressure now and then and nights out. */
export function syntheticTables({ homes, days, seed, eventsADay = 120, silentDay }: SyntheticOptions): SyntheticTables {
  const random = seeded(seed);
  const whole = (n: number): number => Math.floor(random() * n);
  const activity: string[][] = [];
  const physiology: string[][] = [];
  const labels: string[][] = [];
  for (let day = 1; day <= days; day += 1) {
    for (let home = 0; home < homes; home += 1) {
      const person = `made${home}`;
      const date = `2019-05-${two(day)}`;
      for (let event = 0; event < eventsADay; event += 1) {
        const hour = whole(24);
        if (day === silentDay && hour >= 3 && hour < 7) continue;
        activity.push([person, LOCATIONS[whole(LOCATIONS.length)] ?? '', `${date} ${two(hour)}:${two(whole(60))}:${two(whole(60))}`]);
      }
      const systolic = random() < 0.3 ? 165 + whole(30) : 120 + whole(25);
      const minute = two(whole(60));
      physiology.push([person, `${date} 09:${minute}:11`, 'Systolic blood pressure', String(systolic), 'mm[Hg]']);
      physiology.push([person, `${date} 09:${minute}:11`, 'Diastolic blood pressure', String(60 + whole(50)), 'mm[Hg]']);
      physiology.push([person, `${date} 09:${minute}:11`, 'Heart rate', String(45 + whole(65)), 'beats/min']);
      physiology.push([person, `${date} 10:${minute}:40`, 'Body Temperature', (35.5 + random() * 3).toFixed(3), 'Cel']);
      if (systolic >= 165) labels.push([person, `${date} 08:${minute}:30`, 'Blood pressure']);
    }
  }
  activity.sort((a, b) => (a[2] ?? '').localeCompare(b[2] ?? ''));
  return {
    Activity: csv([['patient_id', 'location_name', 'date'], ...activity]),
    Physiology: csv([['patient_id', 'date', 'device_type', 'value', 'unit'], ...physiology]),
    Labels: csv([['patient_id', 'date', 'type'], ...labels]),
  };
}

/** Writes tables into a folder, plain or gzipped. */
export async function writeTables(folder: string, tables: Partial<SyntheticTables>, form: 'plain' | 'gz' = 'plain'): Promise<void> {
  for (const [name, text] of Object.entries(tables)) {
    if (form === 'plain') await writeFile(join(folder, `${name}.csv`), text);
    else await writeFile(join(folder, `${name}.csv.gz`), await promisify(gzip)(text));
  }
}
