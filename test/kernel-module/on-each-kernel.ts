/** Test suites that run on real kernels in virtual machines, once for each kernel. */
import {
  debianKernels,
  type KernelName,
  kernelNames,
  patience,
} from '../../kernel-module/testbed/kernel.ts';
import { findKernel } from '../../kernel-module/testbed/kernels.ts';
import { prepareHost } from '../../kernel-module/testbed/requirements.ts';
import type { ScenarioHardware } from '../../kernel-module/testbed/scenario.ts';
import { startTestbed } from '../../kernel-module/testbed/scenario-testbed.ts';
import type { Testbed } from '../../kernel-module/testbed/testbed.ts';

const minute_ms = 60_000;

// Once for all suites: it asks the package archive.
let hostReady: Promise<void> | undefined;

/** `CXLSIM_KERNELS=6.1,6.12-debug` chooses; `unless_told` otherwise, which are Debian's own. */
export function chosenKernels(unless_told = debianKernels): readonly KernelName[] {
  const chosen = process.env['CXLSIM_KERNELS']?.split(',');
  if (chosen === undefined) return unless_told;
  return chosen.map((name) => {
    const known = kernelNames.find((kernel) => kernel === name);
    if (known === undefined) {
      throw new Error(`CXLSIM_KERNELS: no kernel ${name}; choose from ${kernelNames.join(', ')}`);
    }
    return known;
  });
}

/**
 * Skips the suite with a reason where this host cannot run kernels, and fails instead under CI=true, where nobody
 * would notice a skip. What fails later, a build or a boot, is a failure everywhere.
 */
export async function requireKernel(suite: Mocha.Context, kernel: KernelName): Promise<void> {
  suite.timeout(30 * minute_ms * patience[kernel]);
  try {
    hostReady ??= prepareHost('machines');
    await hostReady;
    await findKernel(kernel);
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    console.log(`      skipped: ${(error as Error).message.split('\n')[0]}`);
    suite.skip();
  }
}

/** Defines a suite per kernel whose tests share one testbed, reset after each of them, or each that failed. */
export function onEachKernel(
  title: string,
  hardware: ScenarioHardware,
  define: (testbed: () => Testbed, kernel: KernelName) => void,
  {
    reset = 'after each',
    kernels = chosenKernels(),
  }: { reset?: 'after each' | 'after a failure'; kernels?: readonly KernelName[] } = {},
): void {
  for (const kernel of kernels) {
    describe(`${title} on Linux ${kernel}`, function () {
      this.timeout(10 * minute_ms * patience[kernel]);
      this.slow(minute_ms);
      let testbed: Testbed | undefined;

      before(async function () {
        await requireKernel(this, kernel);
        testbed = await startTestbed(kernel, hardware);
      });

      afterEach(async function () {
        const failed = this.currentTest?.state === 'failed';
        if (failed && testbed) console.log(await testbed.endOfLogs());
        if (failed || reset === 'after each') await testbed?.reset();
      });

      after(async () => {
        await testbed?.stop();
      });

      define(() => testbed!, kernel);
    });
  }
}
