/** Laws of sandboxes on one host that are no system's own. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { markdownTable, rows } from '../../../sim/cli/commands/list.ts';
import { loadExperiment } from '../../../sim/experiment/load.ts';
import { CostsOfChildren } from '../../../sim/scenarios/cluster/child-costs.ts';
import { runCluster } from '../../../sim/scenarios/cluster/run-cluster.ts';
import { Host } from '../../../sim/scenarios/sandboxes/host.ts';
import { lambda_ms } from '../../../sim/scenarios/sandboxes/runtimes.ts';
import { start } from '../../../sim/scenarios/sandboxes/sandbox.ts';
import { FunctionModels } from '../../../sim/workload/models.ts';
import { complaint, fileOf } from '../../experiment/sound-experiment.ts';
import { measuredOf, refusalOf, sandboxTrial } from './played.ts';

/** Until the last of `count` children of one stage of 10 ms. */
function whole(count: number, cores: number, holds?: 'core' | 'disk' | 'lock'): number {
  const host = new Host(cores, 1e6);
  const stages = [{ stage: 'state', ms: 10, ...(holds && { holds }) }] as const;
  for (let child = 0; child < count; child++) {
    host.simulation.start(start(host, stages, 1, 1, child));
  }
  host.simulation.run();
  host.audit(count);
  return host.simulation.now_ns / 1e6;
}

describe('sandboxes on one host', () => {
  it('that hold a core wait in rounds, those that hold lock or disk for each other, others for nobody', () => {
    const counts = fc.record({
      count: fc.integer({ min: 1, max: 50 }),
      cores: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(counts, ({ count, cores }) => {
        assert.equal(whole(count, cores, 'core'), 10 * Math.ceil(count / cores));
        assert.equal(whole(count, cores, 'lock'), 10 * count);
        assert.equal(whole(count, cores, 'disk'), 10 * count);
        assert.equal(whole(count, cores), 10);
      }),
      { numRuns: 30 },
    );
  });

  it('whose stages vary have the median that is published, and the quantiles that its sigma was read off', () => {
    const took = (seed: number, varies = true) => {
      const host = new Host(1, 1e6);
      const stages = [{ stage: 'state', ms: 10, sigma: 0.5 }] as const;
      const draws = { varies, runtime: 'workload' };
      const handles = Array.from({ length: 4000 }, (_, child) =>
        host.simulation.start(start(host, stages, 1, seed, child, draws)),
      );
      host.simulation.run();
      return handles.map(({ result }) => result!.passed[0]!.took_ns / 1e6);
    };
    const times = took(1);
    const sorted = [...times].sort((a, b) => a - b);
    assert.ok(Math.abs(sorted[2000]! / 10 - 1) < 0.03, `${sorted[2000]}`);
    assert.ok(
      Math.abs(sorted[3600]! / (10 * Math.exp(0.5 * 1.2816)) - 1) < 0.04,
      `${sorted[3600]}`,
    );
    assert.deepEqual(took(1), times);
    assert.notDeepEqual(took(2), times);
    assert.ok(times.every((ms) => ms > 0));
    assert.ok(took(1, false).every((ms) => ms === 10));
  });

  it('have runtimes of languages that take what Lambda’s do, quantile by quantile', () => {
    const table = gunzipSync(
      readFileSync(new URL('../../../traces/start-times/lambda.csv.gz', import.meta.url)),
    );
    const rows = table
      .toString('utf8')
      .split('\n')
      .map((line) => line.split(','));
    for (const [runtime, held] of Object.entries(lambda_ms)) {
      const row = rows.find(
        ([name, packed, arch, memory]) =>
          name === runtime && packed === 'zip' && arch === 'x86_64' && memory === '512',
      )!;
      assert.deepEqual(row.slice(5, 12).map(Number), held);
    }
    const sandbox = { runtime: 'lambda-python', window: 'critical-path' };
    const own = { start_ms: 0 };
    const played = measuredOf('process-start', { count: 400, cores: 400, sandbox, own });
    assert.ok(Math.abs(played.start_p50_ms! / 83.33 - 1) < 0.05, `${played.start_p50_ms}`);
    assert.ok(played.start_p99_ms! > 115 && played.start_p99_ms! < 170, `${played.start_p99_ms}`);
  });

  it('tell quantiles that so many starts have, and vary only where somebody published how', () => {
    const sandbox = { variation: 'published' };
    const told = (count: number) => {
      const measured = measuredOf('zeroboot', { count, sandbox });
      return ['start_p50_ms', 'start_p90_ms', 'start_p99_ms'].filter((name) => name in measured);
    };
    assert.deepEqual(
      [2, 10, 100].map((count) => told(count).length),
      [1, 2, 3],
    );
    for (const [mechanism, more, line] of [
      [
        'kata',
        {},
        'nobody published how starts of kata vary (variation published); expected none, or a runtime whose starts are known',
      ],
      ['e2b', {}, 'nobody published how starts of e2b vary (variation published); expected none'],
      ['criu', {}, 'nobody published how starts of criu vary (variation published); expected none'],
      [
        'forkd',
        { runtime: 'lambda-node' },
        'forkd starts no language runtime (runtime lambda-node); expected workload',
      ],
    ] as const) {
      assert.equal(refusalOf(mechanism, { sandbox: { ...sandbox, ...more } }), line);
    }
    assert.equal(refusalOf('kata', { sandbox: { ...sandbox, runtime: 'lambda-node' } }), undefined);
  });

  it('told by their pages are those of a cluster of one node, in the windows that they have', () => {
    const trial = sandboxTrial('local-fork', { count: 3 });
    const cluster = { ...trial, scenario: 'cluster', children: { ...trial.children, nodes: 1 } };
    const costs = new CostsOfChildren(new FunctionModels());
    const { measurements } = runCluster(cluster, undefined, costs);
    const measured = measuredOf('local-fork', { count: 3 });
    assert.equal(measured.first_work_ms, measurements.end_to_end_ms);
    assert.equal(measured.critical_path_ms, measurements.restore_ms);
    assert.equal(measured.all_ready_ms, measurements.all_done_ms);
    assert.equal(measured.api_ms, undefined);
  });

  it('told by their pages have no call, no branch of a process that runs, and no master to reset to', () => {
    for (const [sandbox, line] of [
      [
        { window: 'api' },
        'criu has no time in window api; expected critical-path (state, memory) or first-useful-work (work)',
      ],
      [
        { capture: 'live' },
        'criu does not branch a process that runs (capture live); expected none, which checkpoints it',
      ],
      [{ reset: 'full' }, 'criu has no master to reset a sandbox to (reset full); expected none'],
    ] as const) {
      assert.equal(refusalOf('criu', { sandbox }), line);
    }
  });

  it('of a training step leave the GPU the less of it the longer they take', () => {
    const sandbox = { generation_ms: 1000, training_ms: 500 };
    const share = (count: number) => measuredOf('e2b', { count, sandbox }).gpu_occupation_share!;
    const { all_ready_ms } = measuredOf('e2b', { count: 4, sandbox });
    assert.equal(share(4), 1500 / (1500 + all_ready_ms!));
    assert.ok(share(1) > share(4) && share(4) > share(16));
    assert.equal(measuredOf('e2b', { count: 4 }).gpu_occupation_share, undefined);
  });

  it('of trees hold the more the deeper these are, and of one generation what children hold', () => {
    const tree = (tree_depth: number) => measuredOf('forkd', { count: 3, sandbox: { tree_depth } });
    const [one, two, three] = [1, 2, 3].map(tree);
    assert.equal(one!.tree_memory_mb, one!.host_memory_mb);
    const grown = (3 * 3 + 0) * one!.local_memory_mb! + 3 * 512;
    assert.ok(Math.abs(two!.tree_memory_mb! - one!.tree_memory_mb! - grown) < 1e-6);
    assert.ok(three!.tree_memory_mb! > two!.tree_memory_mb!);
  });
});

describe('a session of an agent', () => {
  const overhead = (capture: string, more: object = {}) =>
    measuredOf('forkd', { sandbox: { capture, turns: 400, ...more } }).session_overhead_share!;

  it('loses nothing without turns that change or roll back, and the more the more there are', () => {
    assert.equal(overhead('full', { changing_share: 0, rollback_share: 0 }), 0);
    const [few, many] = [0.1, 0.9].map((changing_share) => overhead('full', { changing_share }));
    assert.ok(many! > few! && few! > 0);
    assert.equal(measuredOf('forkd').session_overhead_share, undefined);
  });

  it('loses to branches what each of them stops it for, in expectation', () => {
    const session_ms = 1e6;
    const share = overhead('diff', { rollback_share: 0, changing_share: 0.5, session_ms });
    const { pause_ms } = measuredOf('forkd', { sandbox: { capture: 'diff' } });
    const lost_ms = (share / (1 - share)) * session_ms;
    assert.ok(Math.abs(lost_ms / (200 * pause_ms!) - 1) < 0.15, `${lost_ms}`);
  });

  it('is a tree: each image has children.count children, each rollback one, and all of them stay', () => {
    const cases = fc.record({
      count: fc.constantFrom(1, 4, 16),
      seed: fc.nat(100),
      changing_share: fc.constantFrom(0, 0.25, 1),
      rollback_share: fc.constantFrom(0, 0.49, 1),
    });
    fc.assert(
      fc.property(cases, ({ count, seed, ...shares }) => {
        const turns = 50;
        const sandbox = { capture: 'diff', turns, dirty_mb: 3, ...shares };
        const measured = measuredOf('cxl-agent', { count, seed, sandbox });
        const { session_forks, session_depth, session_memory_mb, session_cxl_mb } = measured;
        const increment_mb = measured.local_memory_mb!;
        const image_mb = measuredOf('cxl-agent').cxl_memory_mb!;
        const images = Math.round((session_cxl_mb! - image_mb) / increment_mb);
        const rolled_back = session_forks! - (count > 1 ? count * images : 0);
        assert.ok(images >= 0 && images <= turns && rolled_back >= 0 && rolled_back <= turns);
        if (shares.changing_share === 1) assert.equal(images, turns);
        if (shares.changing_share === 0) assert.equal(session_depth, 0);
        if (shares.rollback_share === 0) assert.equal(session_depth, images);
        if (shares.rollback_share === 1) assert.equal(rolled_back, turns);
        assert.ok(session_depth! <= images);
        assert.ok(Math.abs(session_memory_mb! - session_forks! * increment_mb) < 1e-6);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a branch of a running microVM', () => {
  const branch = (capture: string, more: object = {}) =>
    measuredOf('forkd', { sandbox: { capture, guest_mb: 1024, ...more } });

  it('stops its parent for all memory, for what is dirty, or for neither', () => {
    const pauses = (guest_mb: number, dirty_mb: number) =>
      ['full', 'diff', 'live'].map((each) => branch(each, { guest_mb, dirty_mb }).pause_ms!);
    const [small, large, dirty] = [pauses(512, 0), pauses(8192, 0), pauses(512, 300)];
    assert.ok(large[0]! > 10 * small[0]! && large[1] === small[1] && large[2]! < 2 * small[2]!);
    assert.ok(dirty[0] === small[0] && dirty[1]! > 2 * small[1]! && dirty[2] === small[2]);
  });

  it('is whole when it returns, but for one that does not wait, which is whole as soon', () => {
    for (const each of ['full', 'diff', 'live']) {
      const { branch_api_ms, checkpoint_ms, pause_ms } = branch(each);
      assert.ok(branch_api_ms === checkpoint_ms && pause_ms! <= checkpoint_ms!, each);
    }
    const detached = branch('live-detached');
    assert.equal(detached.branch_api_ms, detached.pause_ms);
    assert.equal(detached.checkpoint_ms, branch('live').checkpoint_ms);
  });
});

describe('a request to a sandbox that is reset', () => {
  const request = (reset: string, more: object = {}, own: object = {}) =>
    measuredOf('tinykvm', { sandbox: { reset, ...more }, own: { ...own } });

  it('is answered as soon whatever the reset after it, which costs more the more was written', () => {
    for (const reset of ['none', 'copy-back', 'full']) {
      assert.equal(request(reset).request_ms, request('none').request_ms);
      const [little, much] = [0, 50].map((dirty_mb) => request(reset, { dirty_mb }).reset_ms!);
      assert.ok(reset === 'none' ? much === 0 : much! > little!, reset);
    }
    assert.ok(request('full').reset_ms! > request('copy-back').reset_ms!);
  });

  it('copies back below the limit and resets in full above it', () => {
    const either = (dirty_mb: number) => request('copy-back-or-full', { dirty_mb }).reset_ms;
    assert.equal(either(10), request('copy-back', { dirty_mb: 10 }).reset_ms);
    assert.equal(either(200), request('full', { dirty_mb: 200 }).reset_ms);
  });

  it('never reaches the pauses of a runtime: slower in the median, faster at the 99th percentile than natively', () => {
    const turns = (runs: string, reset: string) => {
      const own = { program: 'deno-react', runs };
      const { turn_p50_ms, turn_p90_ms, turn_p99_ms } = measuredOf('tinykvm', {
        own,
        sandbox: { reset },
      });
      assert.ok(turn_p50_ms! < turn_p90_ms! && turn_p90_ms! < turn_p99_ms!);
      return { turn_p50_ms, turn_p99_ms };
    };
    const native = turns('native', 'none');
    const fresh = turns('sandboxed', 'copy-back');
    assert.deepEqual(turns('native', 'copy-back'), native, 'nothing resets a native process');
    assert.ok(fresh.turn_p50_ms! > native.turn_p50_ms!);
    assert.ok(fresh.turn_p99_ms! < native.turn_p99_ms!);
    assert.ok(turns('sandboxed', 'none').turn_p99_ms! > fresh.turn_p99_ms!);
    assert.equal(measuredOf('tinykvm', { sandbox: { reset: 'full' } }).turn_p50_ms, undefined);
  });

  it('lies in whole banks of its fork where these are reserved', () => {
    const held = (bank: string, dirty_mb: number) =>
      measuredOf('tinykvm', { own: { program: 'rust', bank }, sandbox: { dirty_mb } })
        .local_memory_mb!;
    assert.deepEqual(
      [0, 7, 8, 20].map((dirty_mb) => held('reserved', dirty_mb)),
      [8, 8, 16, 24],
    );
    assert.ok(Math.abs(held('touched', 20) - 20 - 68 / 1024) < 1e-9);
  });

  it('lazily pays at the next request what the reset saves', () => {
    const [none, lazy] = ['none', 'lazy'].map((reset) =>
      measuredOf('wasmtime', { sandbox: { reset } }),
    );
    assert.ok(lazy!.request_ms! > none!.request_ms!);
    assert.ok(lazy!.reset_ms! < lazy!.request_ms! - none!.request_ms!);
  });
});

const sound = `question: Does it load?
scenario: sandboxes
mechanisms: [forkd, docker]
workloads: [float]
fabric: cxlfork-testbed
`;

describe('a setting of a sandbox', () => {
  for (const [text, message] of [
    [
      sound.replace('forkd, ', '').concat('parameters: {sandbox: {chain_depth: 2}}\n'),
      'x.yaml:6:24: parameters.sandbox.chain_depth changes nothing: docker has nothing of the kind; found kernel, docker, simulated',
    ],
    [
      `${sound.replace('forkd, ', '')}children: {count: 2, nodes: 2}\n`,
      'x.yaml:6:22: children.nodes changes nothing: sandboxes are all on one host; expected scenario: cluster',
    ],
    [
      `${sound}parameters: {sandbox: {capture: half}}\n`,
      'x.yaml:6:33: parameters.sandbox.capture is "half"; expected none or full or diff or live or live-detached',
    ],
    [
      sound.replace(
        'fabric: cxlfork-testbed',
        'fabric: {preset: cxlfork-testbed, cxl: {latency_ns: 200}}',
      ),
      'x.yaml:5:41: fabric.cxl.latency_ns changes nothing: forkd is told by its stages, which know cores and memory of a host alone; expected fabric.node.cores or fabric.node.local.capacity_mb',
    ],
  ] as const) {
    it(`is refused where nothing reads it: ${message.replace(/^.*?: /, '')}`, async () => {
      assert.equal(await complaint(fileOf(text)), message);
    });
  }

  it('that some system refuses leaves its others', async () => {
    const text = `${sound}sweep: {parameters.sandbox.capture: [none, live]}\n`;
    const { sweep } = await loadExperiment(fileOf(text));
    assert.equal(sweep[0]!.values.length, 2);
  });
});

describe('the page of mechanisms', () => {
  const page = readFileSync(new URL('../../../docs/mechanisms.md', import.meta.url), 'utf8');
  for (const subject of ['properties', 'windows'] as const) {
    it(`has the ${subject} that mechanisms declare (cxlsim list ${subject} --markdown)`, async () => {
      assert.ok(page.includes(markdownTable(await rows[subject]())));
    });
  }
});
