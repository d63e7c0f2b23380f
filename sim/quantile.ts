/**
 * Quantiles as NumPy, R and spreadsheets have them by default: the values stand evenly between share 0 and share 1, and
 * between two of them it is linear (R's type 7).
 *
 *     quantile(Float64Array.of(10, 20, 40), 0.5)   // 20
 *     quantile(Float64Array.of(10, 20, 40), 0.75)  // 30
 */

/** `sorted` rises, and has a value or more. */
export function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (at - Math.floor(at)) * (sorted[Math.ceil(at)]! - low);
}
