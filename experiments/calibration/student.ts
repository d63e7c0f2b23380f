/** Student's t distribution, for bands from few residuals. */

/**
 * P(|T| < t) for a whole number of degrees of freedom: the finite series 26.7.3 and 26.7.4 of Abramowitz and
 * Stegun, Handbook of Mathematical Functions.
 */
export function within(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const cosine = Math.cos(angle);
  const odd = freedom % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let at = odd ? 3 : 2; at < freedom; at += 2) {
    term *= ((at - 1) / at) * cosine ** 2;
    sum += term;
  }
  const series = Math.sin(angle) * sum;
  return odd ? (2 / Math.PI) * (angle + series) : series;
}

/** The t that holds `share` of the distribution between -t and t, by halving. */
export function quantile(share: number, freedom: number): number {
  let low = 0;
  let high = 1;
  while (within(high, freedom) < share) high *= 2;
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (within(middle, freedom) < share) low = middle;
    else high = middle;
  }
  return high;
}
