import { createReadStream, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { CodedError } from '#libs/runtime';

const WAY_OUT = 'Give the folder in which the archive was unpacked, with --from (docs/developers/replay.md)';

/** The table's file: `<name>.csv` or `<name>.csv.gz`. */
function tableFile(folder: string, name: string): string {
  const found = [`${name}.csv`, `${name}.csv.gz`].map((file) => join(folder, file)).find((file) => existsSync(file));
  if (found === undefined) throw new CodedError('HW-DATASET-FILE', `${folder} holds neither ${name}.csv nor ${name}.csv.gz`, WAY_OUT);
  return found;
}

/** A row that cannot be used: the file, the line and what is wrong with it. */
export type RowError = (problem: string) => CodedError;

/**
 * Streams the named columns of a CSV table, plain or gzipped, in the order asked for; other columns
 * are ignored. `visit` is called for each row.
 * @throws CodedError HW-DATASET-FILE (missing, unreadable, not CSV), HW-DATASET-COLUMN (a column is missing), HW-DATASET-ROW.
 */
export async function eachRow(folder: string, table: string, columns: readonly string[], visit: (cells: string[], wrong: RowError) => void): Promise<void> {
  const file = tableFile(folder, table);
  const source = createReadStream(file);
  const parser = parse({ bom: true, info: true, skip_empty_lines: true, record_delimiter: ['\r\n', '\n'] });
  const ignore = (): void => undefined; // Errors surface through the iteration below.
  if (file.endsWith('.gz')) pipeline(source, createGunzip(), parser, ignore);
  else pipeline(source, parser, ignore);
  let places: number[] | undefined;
  let line = 1;
  const wrong: RowError = (problem) => new CodedError('HW-DATASET-ROW', `${basename(file)}, line ${line}: ${problem}`, 'Correct the row, or take a fresh copy of the data');
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      line = info.lines;
      if (places) visit(places.map((place) => record[place] ?? ''), wrong);
      else places = placesOf(record, columns, basename(file));
    }
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new CodedError('HW-DATASET-FILE', `${basename(file)} cannot be read: ${(error as Error).message}`, 'Take a fresh copy of the data', { cause: error });
  }
  if (!places) throw new CodedError('HW-DATASET-FILE', `${basename(file)} is empty`, 'Take a fresh copy of the data');
}

function placesOf(header: string[], columns: readonly string[], file: string): number[] {
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new CodedError('HW-DATASET-COLUMN', `${file} has no column ${missing.join(', ')}; its columns are ${header.join(', ')}`, WAY_OUT);
  }
  return columns.map((column) => header.indexOf(column));
}
