/** Relative least squares for parameters on which measurements depend linearly. */

/** One published value, what the model gives at the start, and how it moves with each parameter. */
export interface Observation {
  readonly published: number;
  readonly modelled: number;
  readonly slopes: readonly number[];
}

/**
 * Changes of the parameters that minimise Σ ((modelled + slopes · change − published) / published)²,
 * by the normal equations; throws a RangeError where the observations do not determine them.
 */
export function fitChanges(observations: readonly Observation[]): number[] {
  const count = observations[0]?.slopes.length ?? 0;
  const matrix = Array.from({ length: count }, () => new Array<number>(count + 1).fill(0));
  for (const { published, modelled, slopes } of observations) {
    for (let row = 0; row < count; row += 1) {
      const weighted = slopes[row]! / published ** 2;
      for (let column = 0; column < count; column += 1) {
        matrix[row]![column]! += weighted * slopes[column]!;
      }
      matrix[row]![count]! += weighted * (published - modelled);
    }
  }
  return solve(matrix);
}

/** Gaussian elimination with pivoting of an augmented matrix. */
function solve(matrix: number[][]): number[] {
  const count = matrix.length;
  for (let column = 0; column < count; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < count; row += 1) {
      if (Math.abs(matrix[row]![column]!) > Math.abs(matrix[pivot]![column]!)) pivot = row;
    }
    if (matrix[pivot]?.[column] === 0) {
      throw new RangeError(`parameter ${column} changes nothing that was observed`);
    }
    [matrix[column], matrix[pivot]] = [matrix[pivot]!, matrix[column]!];
    for (let row = 0; row < count; row += 1) {
      if (row === column) continue;
      const factor = matrix[row]![column]! / matrix[column]![column]!;
      for (let at = column; at <= count; at += 1) {
        matrix[row]![at]! -= factor * matrix[column]![at]!;
      }
    }
  }
  return matrix.map((row, index) => row[count]! / row[index]!);
}
