/**
 * Of what the time until a sandbox is ready is made up, in words that are one for all systems, and what published times
 * of it begin and end with:
 *
 *     asked for │ control │ network │ filesystem │ monitor │ state │ memory │ runtime │ work │ verify │
 *               └─────────── api, as its system defines it ─ ─ ─ ─ ─ ─ ─ ─ ─┘        │      │        │
 *               └─ first useful work ────────────────────────────────────────────────┘      verified ┘
 *
 * The critical path is what of it a child waits for itself, without the shells around it.
 */

export const stages = {
  control: 'call, remote procedures, daemon and scheduler',
  network: 'network namespace, addresses and filters',
  filesystem: 'root file system: layers, clones, mounts',
  monitor: 'process of the virtual machine monitor or container runtime',
  state: 'kernel booted, or state of kernel, devices and processes brought back',
  memory: 'memory read, copied or hashed before anything runs',
  runtime: 'language runtime and imports of the function',
  work: 'first answer of the function',
  verify: 'inherited content checked by who asked',
} as const;

export type StageName = keyof typeof stages;

export const stageNames = Object.keys(stages) as StageName[];

type StageMetric = `stage_${StageName}_ms`;

export function stageMetric(stage: StageName): StageMetric {
  return `stage_${stage}_ms`;
}

export interface TimeDefinition {
  readonly kind: 'time';
  readonly description: string;
}

/** A metric for each stage: mean over children, without waits. */
export const stageMetrics = Object.fromEntries(
  stageNames.map((stage) => [
    stageMetric(stage),
    { kind: 'time', description: `stage ${stage}: ${stages[stage]}; of scenario sandboxes` },
  ]),
) as Record<StageMetric, TimeDefinition>;

/** Windows of published times that sandboxes have, by the metric that tells them. */
export const windowMetrics = {
  api: 'api_ms',
  'critical-path': 'critical_path_ms',
  'first-useful-work': 'first_work_ms',
  verified: 'verified_ms',
} as const;

export type SandboxWindow = keyof typeof windowMetrics;

export const windowNames = Object.keys(windowMetrics) as SandboxWindow[];
