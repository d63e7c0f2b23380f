/** What a page needs of the model: workloads read from what YAML and recordings say, and trials of them. */

export { default as hybrid } from '../policies/hybrid.ts';
export { runFork } from '../sim/scenarios/fork/fork.ts';
export { TraceReader } from '../sim/workload/cxltrace/reader.ts';
export { liveSchema, recordingSchema } from '../sim/workload/live-description.ts';
export { readProfile } from '../sim/workload/read-profile.ts';
export { traceSchema } from '../sim/workload/trace-description.ts';
