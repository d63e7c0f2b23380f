/** Kinds of start times by the names that files give them. */

import type { Parameter, Parameters, Values } from '../../../parameters.ts';
import type { FileKind } from '../file-kind.ts';
import { constantTime } from './constant-time.ts';
import { LognormalTimes } from './lognormal-times.ts';
import { pickRow } from './pick-row.ts';
import { QuantileTimes } from './quantile-times.ts';
import type { StartTimes } from './start-times.ts';

const longest_ms = 1e7;
/** Columns of Lambda's table, and which share of starts is no longer. */
const quantiles = {
  init_ms_p05: 0.05,
  p25: 0.25,
  p50: 0.5,
  p75: 0.75,
  p95: 0.95,
  p99: 0.99,
  max: 1,
} as const;

function word(initial: string, description: string): Parameter<string> {
  return { default: initial, unit: 'word', description, source: 'chosen' };
}

const of_lambda = {
  runtime: word('python3.12', 'language, as the table names it'),
  package: word('zip', 'zip, or an image of a container'),
  arch: word('x86_64', 'x86_64 or arm64'),
  memory_mb: word('512', 'what the function has, in MB: 128, 256, 512 or 1024'),
} satisfies Parameters;

const lambda: FileKind<StartTimes, typeof of_lambda> = {
  description: 'initialisation on AWS Lambda, by language, package, processor and memory',
  files: { file: 'needed' },
  parameters: of_lambda,
  open({ file }, values) {
    const { runtime, package: packed, arch, memory_mb } = values;
    const words = { runtime, package: packed, arch, memory_mb };
    const name = `Lambda, ${Object.values(words).join(', ')} MB`;
    return pickRow(file!, words, Object.keys(quantiles), (table) => {
      let before = 0;
      const told = Object.entries(quantiles).map(([column, share]) => {
        const ms = table.number(column, 0, longest_ms);
        if (ms <= 0 || ms < before) {
          table.refuse(column, `expected a time above 0 and of at least ${before}`);
        }
        before = ms;
        return { share, ms };
      });
      return new QuantileTimes(name, told);
    });
  },
};

const of_firecracker = {
  host_kernel: word('6.1', 'kernel of the host: 5.10 or 6.1'),
  instance: word('m6i.metal', 'machine, as AWS names it'),
  cpu: word('Xeon 8375C', 'its processor, since one machine may have either of two'),
  config: word('2vcpu_2048mb', 'processors and memory of the guest, as the table names it'),
} satisfies Parameters;

const firecracker: FileKind<StartTimes, typeof of_firecracker> = {
  description:
    'restore of a snapshot by Firecracker, by kernel, machine and guest: means alone are told',
  files: { file: 'needed' },
  parameters: of_firecracker,
  open({ file }, { host_kernel, instance, cpu, config }) {
    const words = { host_kernel, instance, cpu, config };
    const name = `Firecracker, ${Object.values(words).join(', ')}`;
    return pickRow(file!, words, ['restore_ms_avg'], (table) =>
      constantTime(name, table.number('restore_ms_avg', 0, longest_ms)),
    );
  },
};

const of_lognormal = {
  mean_ms: {
    default: 3240,
    unit: 'ms',
    description: 'mean of the times',
    source: 'Joosen et al., EuroSys 2025, whole platform',
    minimum: 1e-6,
    maximum: longest_ms,
  },
  sd_ms: {
    default: 7100,
    unit: 'ms',
    description: 'their standard deviation',
    source: 'Joosen et al., EuroSys 2025, whole platform',
    minimum: 0,
    maximum: 1e9,
  },
} as const satisfies Parameters;

const lognormal: FileKind<StartTimes, typeof of_lognormal> = {
  description: 'a lognormal distribution, by mean and standard deviation',
  files: {},
  parameters: of_lognormal,
  open: (_, { mean_ms, sd_ms }: Values<typeof of_lognormal>) =>
    new LognormalTimes(`lognormal, mean ${mean_ms} ms, sd ${sd_ms} ms`, mean_ms, sd_ms),
};

export const startTimeKinds = { firecracker, lambda, lognormal } as unknown as Readonly<
  Record<string, FileKind<StartTimes>>
>;
