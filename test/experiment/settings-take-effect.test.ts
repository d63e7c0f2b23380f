/**
 * Law of settings: whatever may be set changes something. Each is moved within what it may hold, and some trial then
 * measures another number, or can no more be run, or can for the first time.
 */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { z } from 'zod';
import type { Scalar, Trial } from '../../sim/backend.ts';
import { hostOf } from '../../sim/backends/policy-host.ts';
import { unread } from '../../sim/backends/unread.ts';
import { guests } from '../../sim/backends/vm.ts';
import { vmParameters } from '../../sim/backends/vm-definition.ts';
import { describeSettings } from '../../sim/experiment/describe-settings.ts';
import { offered } from '../../sim/experiment/installed.ts';
import { installedParameters } from '../../sim/experiment/installed-schema.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { settingsOf } from '../../sim/experiment/settings.ts';
import { type Settable, withSetting } from '../../sim/experiment/with-setting.ts';
import { mechanisms } from '../../sim/mechanisms/registry.ts';
import { stagedMechanisms } from '../../sim/mechanisms/staged/registry.ts';
import { runEngines } from '../../sim/scenarios/kv-cache/run-engines.ts';
import { windowNames } from '../../sim/stages.ts';
import { profileSchema } from '../../sim/workload/read-profile.ts';
import {
  builtInPolicies,
  policyReferences,
  profileOf,
  profiles,
  trialOf,
  two_nodes,
} from '../arbitraries.ts';
import { engineTrials } from '../scenarios/kv-cache/settings-trials.ts';
import { simulate, simulated } from '../simulator.ts';
import { scratchFolder } from './scratch-folder.ts';
import { complaint, fileOf, sound } from './sound-experiment.ts';

/** A child alone, and several: together on nodes, on the parent's, too. */
const families = [
  { count: 1, nodes: 1, interval_ms: 0 },
  { count: 6, nodes: 3, interval_ms: 0.1 },
];

const workload = profileOf({ name: 'small' });

/** Has more leaves than two, so that it matters in which of them it writes. */
const larger = profileOf({ name: 'larger', footprint_mb: 24, touched_mb: 8, written_mb: 1 });

/** A device that is slower than a core, and one that is faster. */
const fabrics = [
  ['hardware', 1],
  ['software', 40],
].map(([coherence, gb_per_s]) => ({
  ...two_nodes,
  nodes: 3,
  coherence: coherence as 'hardware' | 'software',
  cxl: { ...two_nodes.cxl, read_gb_per_s: Number(gb_per_s), write_gb_per_s: Number(gb_per_s) },
}));

const of_small: Trial[] = families.flatMap((children) =>
  Object.values(mechanisms).flatMap(({ name: mechanism, policies, reach }) => {
    if (reach === 'own-node' && children.nodes > 1) return [];
    // Its own settings have trials of their own, and what it shares with CXLfork that has.
    if (mechanism === 'cxl-microvm') return [];
    const under = policies === 'any' ? policyReferences : [undefined];
    return under.flatMap((policy) =>
      fabrics.map((fabric) =>
        trialOf({ mechanism, policy, children, workload, invocations: 3, fabric }),
      ),
    );
  }),
);

const of_microvms = of_small
  .filter(
    ({ mechanism, children, policy }) =>
      mechanism === 'cxlfork' && children.count === 1 && policy?.name === 'migrate-on-write',
  )
  .flatMap((trial) =>
    Object.entries({ page_size: '4 KiB', monitor: 'started', second_level: 'attached' })
      .concat([['page_size', '2 MiB']])
      .map(([name, choice]) => ({
        ...trial,
        mechanism: 'cxl-microvm',
        parameters: { 'cxl-microvm': { [name]: choice } },
      })),
  );

const of_larger = of_small
  .filter(({ children, policy }) => children.count === 1 && policy?.name === 'migrate-on-write')
  .map((trial) => ({ ...trial, workload: larger }));
/** What of a system of stages is read only beside something else that is set. */
const beside: Readonly<Record<string, readonly Trial['parameters'][string][]>> = {
  docker: [{ profile: 'article' }],
  'firecracker-cold': [{ profile: 'article' }],
  'firecracker-snapshot': [{ host: '6.1 x86' }, { memory: 'disk' }, { memory: 'uffd' }],
  reap: [{ host: '6.1 x86' }],
  faasnap: [{ host: '6.1 x86' }, { disk_gb_per_s: 0.01 }],
  aquifer: [{ host: '6.1 x86', hot_missed_share: 0.5 }],
  forkd: [{ profile: 'article' }],
  'process-start': [{ profile: 'article' }],
  mitos: [{ call: 'fork' }, { call: 'direct' }],
  tinykvm: [{ remote: 'ipc' }, { program: 'deno-react' }, { bank: 'reserved' }],
};

const of_sandboxes: Trial[] = Object.values(stagedMechanisms).flatMap((system) => {
  const sandboxes: Trial['parameters'][string][] = [
    {},
    { variation: 'published' },
    ...system.captures.flatMap((capture) =>
      ['tmpfs', 'ssd', 'hdd'].map((storage) => ({ capture, storage, chain_depth: 1 })),
    ),
    ...system.resets.map((reset) => ({ reset, threads: 2, dirty_mb: 200 })),
  ];
  const window = windowNames.find((each) => each in system.windows)!;
  return [{}, ...(beside[system.name] ?? [])].flatMap((own) =>
    sandboxes.map((sandbox) =>
      trialOf({
        scenario: 'sandboxes',
        mechanism: system.name,
        children: { count: 6, nodes: 1, interval_ms: 0 },
        workload,
        parameters: {
          [system.name]: own,
          sandbox: { ...sandbox, window, turns: 20, generation_ms: 100, training_ms: 100 },
        },
      }),
    ),
  );
});

const base = [...of_small, ...of_larger, ...of_microvms, ...of_sandboxes, ...engineTrials];

/** What a trial measures, or why it cannot be run. */
async function outcomeOf(trial: Trial): Promise<string> {
  const refusal = await simulated.unsupported(trial);
  if (refusal !== undefined) return refusal;
  try {
    const policy = trial.policy && builtInPolicies[trial.policy.name];
    return JSON.stringify(
      trial.scenario === 'kv-cache'
        ? runEngines(trial, policy && hostOf(trial, policy)).measurements
        : simulate(trial, policy),
    );
  } catch (error) {
    return (error as Error).message;
  }
}

const known = new Map<Trial, Promise<string>>();
function baseOutcome(trial: Trial): Promise<string> {
  const outcome = known.get(trial) ?? outcomeOf(trial);
  known.set(trial, outcome);
  return outcome;
}

/** Values that a setting may be moved to from `held`, small steps before large ones. */
function movesOf(schema: z.core.$ZodType, held: Scalar | undefined): Scalar[] {
  const numbers = [2, 1.1, 0.5, 10, 0.1, 100].map((factor) => factor * (Number(held) || 1));
  const { values = [] } = schema instanceof z.ZodLiteral ? schema : { values: [] };
  const words = [...values] as Scalar[];
  const all = [...words, true, false, ...numbers, ...numbers.map(Math.round), 0, 1, 2, 3, 0.3];
  const fit = all.filter((value) => value !== held && z.safeParse(schema, value).success);
  return [...new Set(fit)];
}

const held = (settable: object, path: string): Scalar | undefined =>
  path
    .split('.')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], settable) as
    | Scalar
    | undefined;

/** A profile whose fields contradict one another is refused, and tells nothing of the setting. */
function isSound({ workload: { name: _, ...profile } }: Settable): boolean {
  if (profile.kind !== 'profile') return true;
  return profileSchema.safeParse(profile).success;
}

/** A trial that the setting changes, or `undefined`. */
async function changedBy(
  path: string,
  schema: z.core.$ZodType,
  initial: Scalar | undefined,
  trials: readonly Trial[],
): Promise<Trial | undefined> {
  for (const trial of trials) {
    for (const value of movesOf(schema, held(trial, path) ?? initial)) {
      const moved = { ...trial, ...withSetting(trial, path, value) };
      if (!isSound(moved)) continue;
      if ((await outcomeOf(moved)) !== (await baseOutcome(trial))) return trial;
    }
  }
  return undefined;
}

const parameters = await installedParameters();
const schemas = settingsOf(parameters);
const listed = describeSettings(parameters);

/** Of what a cluster that serves alone reads: its own test moves each. */
function isOfService(path: string): boolean {
  const plugin = /^parameters\.([^.]+)\./.exec(path)?.[1] ?? '';
  const serving = [...offered.keep_alive, ...offered.routing, 'service'];
  return path.startsWith('arrivals.') || serving.includes(plugin);
}

describe('every setting that is listed', function () {
  this.timeout(600_000);

  for (const { path, default: initial } of listed) {
    const setting = schemas.get(path);
    if (setting === undefined || /^parameters\.(vm|host)\./.test(path)) continue;
    if (isOfService(path)) continue;
    it(`${path} changes what some trial measures, or whether it can be run`, async () => {
      const reading = base.filter((trial) => unread(path, trial) === undefined);
      assert.ok(await changedBy(path, setting.schema, initial, reading));
    });
  }
});

describe('the written share of a footprint', () => {
  it('is set alone: the other two give way in proportion, and the profile stays sound', () => {
    const shares = fc.tuple(profiles, fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(shares, ([profile, written]) => {
        const settable = { ...trialOf(), workload: profile };
        const moved = withSetting(settable, 'workload.read_write_share', written).workload;
        assert.ok(moved.kind === 'profile');
        const { init_share, read_only_share, read_write_share } = moved;
        assert.equal(read_write_share, written);
        assert.ok(Math.abs(init_share + read_only_share + read_write_share - 1) < 1e-9);
        assert.ok(init_share >= 0 && read_only_share >= -1e-12);
        const product = init_share * profile.read_only_share;
        assert.ok(Math.abs(product - read_only_share * profile.init_share) < 1e-9 || written === 1);
      }),
    );
  });
});

describe('the machines of backend vm', () => {
  it('are booted with what is set of them', async () => {
    const booted: string[] = [];
    const boot = async (options: object): Promise<never> => {
      booted.push(JSON.stringify(options));
      throw new Error('no machine is booted here');
    };
    const of_machines = Object.entries(vmParameters).filter(
      ([name]) => !['warm_invocations', 'time_limit_s'].includes(name),
    );
    const bootWith = async (vm: Record<string, Scalar>) => {
      const site = guests({ directory: scratchFolder({}) }, boot);
      const settings = site.settingsOf({ vm });
      await assert.rejects(site.connect(settings, new AbortController().signal));
      return booted.at(-1)!;
    };
    const usual = await bootWith({});
    for (const [name, { default: initial }] of of_machines) {
      const { schema } = schemas.get(`parameters.vm.${name}`)!;
      const [value] = movesOf(schema, initial);
      assert.notEqual(value, undefined, name);
      assert.notEqual(await bootWith({ [name]: value! }), usual, name);
    }
  });
});

describe('a setting that no trial of the experiment reads', () => {
  const several = `${sound}children: {count: 4, nodes: 2}\n`;

  for (const [text, set, message] of [
    [
      `${sound}sweep: {fabric.nodes: [2, 4]}\n`,
      [],
      'x.yaml:6:9: fabric.nodes changes nothing: children are on one node; expected children.nodes above 1 with it',
    ],
    [
      `${sound}ranges: {fabric.node.cores: [2, 4]}\n`,
      [],
      'x.yaml:6:10: fabric.node.cores changes nothing: no two children are on one node; expected children.count above children.nodes with it',
    ],
    [
      sound,
      ['fabric.node.cores=2'],
      '--set fabric.node.cores=2: fabric.node.cores changes nothing: no two children are on one node; expected children.count above children.nodes with it',
    ],
    [
      sound,
      ['children.count=3', 'children.nodes=3', 'fabric.nodes=4', 'fabric.node.cores=2'],
      '--set fabric.node.cores=2: fabric.node.cores changes nothing: no two children are on one node; expected children.count above children.nodes with it',
    ],
    [
      sound,
      ['fabric.node.local.duplex=half'],
      '--set fabric.node.local.duplex=half: fabric.node.local.duplex changes nothing: local memory is modelled by its latency and capacity, and nothing queues there; expected fabric.node.local.latency_ns, or a setting of fabric.cxl',
    ],
    [
      `${sound}sweep: {workload.init_share: [0.1, 0.2]}\n`,
      [],
      'x.yaml:6:9: workload.init_share changes nothing: what invocations write decides, and the rest of the footprint gives way; expected workload.read_write_share, or workload.touched_mb',
    ],
  ] as const) {
    it(`is refused: ${message.replace(/^.*?: (\S+) .*: /, '$1, ')}`, async () => {
      assert.equal(await complaint(fileOf(text), { set: [...set] }), message);
    });
  }

  it('is refused where machines are what they are, and may wait for the simulator in a file', async () => {
    const live = sound.replace('[float]', '[live-float]');
    const swept = fileOf(`${live}sweep: {fabric.cxl.latency_ns: [200, 391]}\n`);
    const message =
      'x.yaml:6:9: fabric.cxl.latency_ns changes nothing: backend vm has its own machines and their costs; expected backend simulated with it';
    assert.equal(await complaint(swept, { backends: ['vm'] }), message);
    const both = await loadExperiment(swept, { backends: ['simulated', 'vm'] });
    assert.equal(both.sweep.length, 1);
    const set = fileOf(
      live.replace(/fabric: (.*)/, 'fabric: {preset: $1, cxl: {latency_ns: 200}}'),
    );
    const waiting = await loadExperiment(set, { backends: ['vm'] });
    assert.equal(waiting.fabric.cxl.latency_ns, 200);
  });

  it('is read by some, and stands', async () => {
    const set = ['fabric.nodes=4', 'fabric.node.cores=1'];
    const { fabric: own } = await loadExperiment(fileOf(several), { set });
    assert.deepEqual([own.nodes, own.node.cores], [4, 1]);
  });
});
