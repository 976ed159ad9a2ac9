/** `hits` of `total`, with the 95 % interval of Wilson (1927); undefined share when there is nothing to count. */
export interface Proportion {
  hits: number;
  total: number;
  share: number | undefined;
  low: number | undefined;
  high: number | undefined;
}

const Z = 1.959_963_984_540_054; // 97.5th percentile of the normal distribution

export function proportion(hits: number, total: number): Proportion {
  if (total === 0) return { hits, total, share: undefined, low: undefined, high: undefined };
  const share = hits / total;
  const square = Z * Z;
  const centre = (share + square / (2 * total)) / (1 + square / total);
  const half = (Z / (1 + square / total)) * Math.sqrt((share * (1 - share)) / total + square / (4 * total * total));
  return { hits, total, share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
