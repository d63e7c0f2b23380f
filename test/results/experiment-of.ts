/** Small experiments for the tests of results, and their trials. */

import { default_arrivals, one_child, type Scalar, type Trial } from '../../sim/backend.ts';
import type { Experiment } from '../../sim/experiment/experiment.ts';
import type { ExperimentFile } from '../../sim/experiment/experiment-file.ts';
import type { FabricSettings, MemorySettings } from '../../sim/fabric/settings.ts';
import type { FunctionProfile } from '../../sim/workload/workload.ts';

const memory: MemorySettings = {
  latency_ns: 100,
  read_gb_per_s: 10,
  write_gb_per_s: 10,
  duplex: 'half',
  capacity_mb: 1024,
  load_curves: [],
  source: 'test',
};

export const fabric: FabricSettings = {
  preset: 'test',
  nodes: 2,
  node: { cores: 1, llc_mb: 1, local: memory },
  cxl: { ...memory, latency_ns: 400 },
  coherence: 'hardware',
};

export function workloadOf(name: string): FunctionProfile {
  return {
    kind: 'profile',
    name,
    description: name,
    source: 'test',
    sources: {},
    assumed: {},
    footprint_mb: 10,
    init_share: 0.5,
    read_only_share: 0.25,
    read_write_share: 0.25,
    touched_mb: 5,
    written_mb: 1,
    clean_file_mb: 1,
    accessed_share: 0.5,
    dirty_share: 1,
    rewritten_share: 0.95,
    fork_keeps_share: 1,
    run_pages: 4,
    written_leaf_share: 0.6,
    warm_ms: 1,
    local_fork_execution_ms: 1,
    local_fork_faults_ms: 1,
    cold_start_ms: 10,
  };
}

export function experimentOf(parts: Partial<Experiment>): Experiment {
  return {
    name: 'example',
    question: 'What does an example cost?',
    scenario: 'fork',
    combinations: 'all',
    backends: ['arithmetic'],
    mechanisms: ['cxlfork'],
    policies: [],
    workloads: [workloadOf('float')],
    fabric,
    parameters: {},
    sweep: [],
    ranges: [],
    repetitions: 1,
    children: one_child,
    arrivals: default_arrivals,
    keep_alive: [],
    routing: [],
    invocations: 2,
    seed: 1,
    figures: [],
    ...parts,
    file: {} as ExperimentFile,
    fabrics: {},
    recorded: {},
    start_times: {},
  };
}

/** The product of an experiment's lists, with `settings` for the arithmetic backend. */
export function trialsOf(experiment: Experiment, settings: Record<string, Scalar> = {}): Trial[] {
  const [sweep] = experiment.sweep;
  const trials: Trial[] = [];
  for (const mechanism of experiment.mechanisms) {
    for (const workload of experiment.workloads) {
      for (const value of sweep?.values ?? [undefined]) {
        for (let repetition = 0; repetition < experiment.repetitions; repetition++) {
          trials.push({
            index: trials.length,
            experiment: experiment.name,
            scenario: 'fork',
            backend: 'arithmetic',
            mechanism,
            policy: undefined,
            workload,
            repetition,
            swept: sweep && value !== undefined ? { [sweep.path]: value } : {},
            seed: experiment.seed,
            children: experiment.children,
            invocations: experiment.invocations,
            fabric: experiment.fabric,
            parameters: { arithmetic: settings },
          });
        }
      }
    }
  }
  return trials;
}
