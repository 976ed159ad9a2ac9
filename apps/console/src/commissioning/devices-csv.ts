import { parse } from 'csv-parse/sync';
import { registerDevices, type DeviceInput, type Room, type Use } from '#libs/registry';
import type { Stores } from '../stores.js';

const COLUMNS = ['id', 'room', 'name', 'use', 'kinds', 'resident', 'model'] as const;
const WANTED = ['id', 'room', 'use', 'kinds'] as const;
const ROWS_MAX = 500;
const PROBLEMS_MAX = 100;

/** `problems` are lines for people, each with the line of the file; with any of them nothing was registered. */
export interface ImportResult {
  rows: number;
  problems: string[];
}

interface Row { record: Record<string, string>; info: { lines: number } }

/** Registers the devices of a CSV file, all of them or none; a dry run only checks. */
export async function importDevices({ db, clock }: Stores, home: string, csv: string, options: { dryRun: boolean }): Promise<ImportResult> {
  const { rows, problem } = rowsOf(csv);
  if (problem !== undefined) return { rows: 0, problems: [problem] };
  const { faults } = await registerDevices(db, home, rows.map(({ record }) => inputOf(record)), options, clock.nowMs());
  return { rows: rows.length, problems: faults.slice(0, PROBLEMS_MAX).map(({ index, problem: fault }) => `Line ${rows[index]!.info.lines}: ${fault}`) };
}

function rowsOf(csv: string): { rows: Row[]; problem?: string } {
  let header: string[] = [];
  try {
    const rows: Row[] = parse(csv, { bom: true, trim: true, skip_empty_lines: true, info: true, to: ROWS_MAX + 1, max_record_size: 10_000, columns: (names: string[]) => (header = names.map((name) => name.toLowerCase())) });
    const unknown = header.find((name) => !(COLUMNS as readonly string[]).includes(name));
    const missing = WANTED.find((name) => !header.includes(name));
    if (missing !== undefined) return { rows: [], problem: `Line 1: the column ${missing} is missing; the columns are ${COLUMNS.join(', ')}` };
    if (unknown !== undefined) return { rows: [], problem: `Line 1: there is a column that is not known; the columns are ${COLUMNS.join(', ')}` };
    if (rows.length === 0) return { rows: [], problem: 'Line 2: there is no device' };
    if (rows.length > ROWS_MAX) return { rows: [], problem: `More than ${ROWS_MAX} devices: send several files` };
    return { rows };
  } catch (error) {
    const line = (error as { lines?: unknown }).lines;
    return { rows: [], problem: `Line ${typeof line === 'number' ? line : 1}: this is no CSV with a comma between values and as many values as columns` };
  }
}

function inputOf({ id = '', room, name, use, kinds = '', resident, model }: Record<string, string>): DeviceInput {
  return { id, room: room as Room, roomName: name ?? null, use: use as Use, kinds: kinds.split(/[\s;]+/).filter((kind) => kind !== ''), resident: resident === undefined || resident === '' ? null : resident, model: model ?? null };
}
