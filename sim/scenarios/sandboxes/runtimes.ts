/**
 * How long language runtimes take from nothing: as the function's profile has it, or drawn as AWS Lambda starts them, by
 * language, in zip packages of 512 MB on x86-64.
 */

import type { RandomStream } from '../../random.ts';
import { QuantileTimes } from '../cluster/start-times/quantile-times.ts';

const shares = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1];

/** Milliseconds below which so many of some 310 starts were: maxday/lambda-perf 6070b79, July and August 2026. */
export const lambda_ms = {
  'python3.12': [68.17, 80.03, 83.33, 88.6, 106.08, 135.05, 168.62],
  'nodejs22.x': [114.45, 133.68, 139.62, 146.63, 167.39, 181, 210.55],
  java21: [206.59, 229.78, 237.84, 250.37, 305.52, 579.05, 740.1],
  'rust (prov.al2023)': [14.19, 15.14, 15.66, 16.71, 43.3, 48.65, 68.94],
} as const;

const of_choice = {
  'lambda-python': 'python3.12',
  'lambda-node': 'nodejs22.x',
  'lambda-java': 'java21',
  'lambda-rust': 'rust (prov.al2023)',
} as const;

const drawn = Object.fromEntries(
  Object.entries(of_choice).map(([choice, runtime]) => [
    choice,
    new QuantileTimes(
      runtime,
      lambda_ms[runtime].map((ms, index) => ({ share: shares[index]!, ms })),
    ),
  ]),
);

/** A start of the runtime that is chosen; nothing where the function's own counts. */
export function runtimeStart_ns(choice: string, chance: RandomStream): number | undefined {
  return drawn[choice]?.sample_ns(chance);
}
