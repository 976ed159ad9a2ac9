import { hours } from '#libs/runtime';
import { PSEUDONYM } from '#libs/telemetry';
import { eachRow } from './csv-rows.js';
import { localDateReader, wallClockReader } from './local-time.js';
import { TIHM_TIME_ZONE } from './tihm-recording.js';

/** The types of label that the data set knows. */
export const TIHM_LABEL_TYPES = ['Blood pressure', 'Pulse', 'Body temperature', 'Body water', 'Weight', 'Agitation'] as const;
export type TihmLabelType = (typeof TIHM_LABEL_TYPES)[number];

export interface TihmLabel {
  home: string;
  type: TihmLabelType;
  /** ms since 1970 UTC, after the shift. */
  atMs: number;
  /** The local date after the shift, YYYY-MM-DD. */
  date: string;
}

/** The Labels table runs about one hour behind the others (very likely UTC beside BST). */
const LABEL_SHIFT_MS = hours(1);

/**
 * Reads `Labels` of the TIHM layout: what algorithms raised and a clinical monitoring team confirmed,
 * shifted by one hour to match the readings.
 * @throws CodedError HW-DATASET-FILE, HW-DATASET-COLUMN, HW-DATASET-ROW (naming file and line).
 */
export async function readTihmLabels(folder: string): Promise<TihmLabel[]> {
  const toMs = wallClockReader(TIHM_TIME_ZONE);
  const dateOf = localDateReader(TIHM_TIME_ZONE);
  const labels: TihmLabel[] = [];
  await eachRow(folder, 'Labels', ['patient_id', 'date', 'type'], ([home = '', date = '', name = ''], wrong) => {
    const type = TIHM_LABEL_TYPES.find((known) => known === name);
    if (type === undefined) throw wrong(`type ${JSON.stringify(name)} is none of ${TIHM_LABEL_TYPES.join(', ')}`);
    if (!PSEUDONYM.test(home)) throw wrong(`patient_id ${JSON.stringify(home)} is not 1 to 64 letters, digits, _ or -`);
    const writtenMs = toMs(date);
    if (writtenMs === undefined) throw wrong(`date ${JSON.stringify(date)} is not a time such as 2019-04-01 00:05:46`);
    const atMs = writtenMs + LABEL_SHIFT_MS;
    labels.push({ home, type, atMs, date: dateOf(atMs) });
  });
  return labels;
}
