/** How fast bytes have been moving lately. */

/**
 * Time over which the bandwidth in use is averaged: long against the copy of a page (about 1 us),
 * short against an invocation (10 ms and more). It only smooths; no published value stands behind it.
 */
export const utilisation_window_ns = 1_000_000;

/**
 * Bytes of about the last window, from two counters: those of the present window, and those of the
 * one before it as far as a window that ends now still reaches into it.
 */
export class RecentBytes {
  private window = 0;
  private present_bytes = 0;
  private previous_bytes = 0;

  add(bytes: number, now_ns: number): void {
    this.turn(now_ns);
    this.present_bytes += bytes;
  }

  rate_gb_per_s(now_ns: number): number {
    this.turn(now_ns);
    const elapsed = (now_ns % utilisation_window_ns) / utilisation_window_ns;
    return (this.present_bytes + (1 - elapsed) * this.previous_bytes) / utilisation_window_ns;
  }

  private turn(now_ns: number): void {
    const window = Math.floor(now_ns / utilisation_window_ns);
    if (window === this.window) return;
    this.previous_bytes = window === this.window + 1 ? this.present_bytes : 0;
    this.present_bytes = 0;
    this.window = window;
  }
}
