/** How a hot page comes under hybrid: a choice among four, made on the published cold times as a number would be fitted. */

import type { Parameter } from '../../sim/parameters.ts';
import { modelParameters } from '../../sim/plugins.ts';
import { functionNames, measure, workloadOf } from './fitted-model.ts';
import { published } from './published.ts';

export const promotion = modelParameters.get('cxlfork')!['promotion'] as Parameter<string>;

export interface PromotionWay {
  readonly way: string;
  /** Relative error of hybrid's cold time, by function. */
  readonly errors: Readonly<Record<string, number>>;
}

export async function promotionWays(): Promise<PromotionWay[]> {
  const ways: PromotionWay[] = [];
  for (const way of promotion.choices!) {
    const errors: Record<string, number> = {};
    for (const name of functionNames) {
      const settings = { cxlfork: { promotion: way } };
      const { end_to_end_ms } = await measure('cxlfork', 'hybrid', workloadOf(name), settings);
      errors[name] = end_to_end_ms! / published.functions[name]!.policies['hybrid']!.cold_ms! - 1;
    }
    ways.push({ way, errors });
  }
  return ways;
}

/** The way with the least sum of squared relative errors over the functions. */
export function chosenOn(names: readonly string[], ways: readonly PromotionWay[]): PromotionWay {
  const squares = ({ errors }: PromotionWay) =>
    names.reduce((sum, name) => sum + errors[name]! ** 2, 0);
  const [best] = ways.toSorted((a, b) => squares(a) - squares(b));
  return best!;
}
