/** The sizes and conversions that every layer shares; suffixes in names say the unit. */

/** Bytes of one page (x86-64 base page). */
export const page_bytes = 4096;

/** Bytes of one cache line. */
export const line_bytes = 64;

/** Cache lines in one page. */
export const lines_per_page = page_bytes / line_bytes;

/** Entries in one page-table leaf: 512 entries of 8 bytes fill a page and map 2 MiB. */
export const entries_per_leaf = 512;

/** Bytes in a mebibyte; every metric and input that ends in `_mb` counts these (2^20). */
export const bytes_per_mb = 2 ** 20;

/** Pages in a mebibyte. */
export const pages_per_mb = bytes_per_mb / page_bytes;

/** Nanoseconds in a millisecond. */
export const ns_per_ms = 1e6;

/** Nanoseconds in a second. */
export const ns_per_s = 1e9;

/** Simulated time passes in whole nanoseconds: the nearest. */
export function wholeNs(time_ns: number): number {
  return Math.round(time_ns);
}

/** Whole pages that hold `size_mb` mebibytes, rounded to the nearest page. */
export function pagesOf(size_mb: number): number {
  return Math.round(size_mb * pages_per_mb);
}

/** Whole nanoseconds that `size_bytes` take at `bandwidth_gb_per_s` (10^9 bytes a second), rounded up. */
export function transferTime_ns(size_bytes: number, bandwidth_gb_per_s: number): number {
  return Math.ceil(size_bytes / bandwidth_gb_per_s);
}
