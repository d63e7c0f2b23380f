/**
 * A backend for tests: what it measures is a simple function of the trial, written down here, and it
 * can be asked to take its time or to fail. It says nothing about any mechanism.
 *
 *     u                a uniform number of the trial's seed
 *     restore_ms       (1 + u) x rank of the mechanism in the registry, from 1
 *     faults_ms        0.1 x letters of the policy's name
 *     execution_ms     0.01 x latency of CXL memory in ns
 *     end_to_end_ms    their sum
 *     local_memory_mb  letters of the workload's name; no metric else
 */

import { setTimeout } from 'node:timers/promises';
import type { Backend, Trial } from '../backend.ts';
import { allMechanisms } from '../mechanisms/all.ts';
import { mechanisms } from '../mechanisms/registry.ts';
import type { Measurements } from '../metrics.ts';
import { valuesOf } from '../parameters.ts';
import { policyRefusal } from '../plugins.ts';
import { randomStream } from '../random.ts';
import { fakeParameters } from './fake-definition.ts';

export const fake: Backend = {
  name: 'fake',
  unsupported({ mechanism, policy }) {
    return policy && policyRefusal(allMechanisms[mechanism]!);
  },
  async run(trial) {
    const { delay_ms, fails } = valuesOf(fakeParameters, trial.parameters['fake']);
    if (delay_ms > 0) await setTimeout(delay_ms);
    if (trial.mechanism === fails)
      throw new Error(`${fails} fails because parameters.fake.fails says so`);
    return { measurements: measure(trial) };
  },
  async close() {},
};

function measure({ mechanism, policy, workload, fabric, seed }: Trial): Measurements {
  const rank = Object.keys(mechanisms).indexOf(mechanism) + 1;
  const restore_ms = (1 + randomStream(seed, 'fake').uniform()) * rank;
  const faults_ms = 0.1 * (policy?.name.length ?? 0);
  const execution_ms = 0.01 * fabric.cxl.latency_ns;
  return {
    restore_ms,
    faults_ms,
    execution_ms,
    end_to_end_ms: restore_ms + faults_ms + execution_ms,
    local_memory_mb: workload.name.length,
  };
}

export const open = () => fake;
