import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { one_child, type Trial } from '../../sim/backend.ts';
import { pagesByNode } from '../../sim/backends/real/process-memory.ts';
import { inOneLine } from '../../sim/backends/real/real-backend.ts';
import { realMechanisms } from '../../sim/backends/real/registry.ts';
import { procedureRefuses } from '../../sim/backends/real/trial-procedure.ts';
import { findWorkload } from '../../sim/experiment/find-workload.ts';
import { mechanisms } from '../../sim/mechanisms/registry.ts';
import { builtInPolicies, two_nodes } from '../arbitraries.ts';

const trialOf = (workload: string, mechanism: string, policy?: string): Trial => ({
  index: 0,
  experiment: 'test',
  scenario: 'fork',
  backend: 'vm',
  mechanism,
  policy: policy === undefined ? undefined : policyNamed(policy),
  workload: findWorkload(workload, 'test', {}),
  repetition: 0,
  swept: {},
  seed: 1,
  children: one_child,
  invocations: 2,
  fabric: two_nodes,
  parameters: { mitosis: { prefetched: 'mapped' } },
});

const policyNamed = (name: string) => ({
  name,
  path: fileURLToPath(new URL(`../../policies/${name}.ts`, import.meta.url)),
});

describe('a trial on real kernels', () => {
  it('is refused to what is no program', async () => {
    assert.match(
      (await procedureRefuses(trialOf('bert', 'cxlfork', 'hybrid')))!,
      /kind live would run/,
    );
  });

  it('is refused to a local fork of Node.js, and to no other mechanism for it', async () => {
    for (const mechanism of Object.keys(mechanisms)) {
      const refused = await procedureRefuses(trialOf('live-node', mechanism));
      if (mechanism === 'local-fork') assert.match(refused!, /^Node\.js has no fork\(\)/);
      else assert.ok(isRunOrOnlySimulated(refused), mechanism);
    }
  });

  it('is refused to policies that no kernel could follow', async () => {
    const refused = await procedureRefuses(trialOf('live-resident', 'cxlfork', 'clairvoyant'));
    assert.match(refused!, /sees the future/);
  });

  it('is refused to what only the simulator does: ticks of several children, more invocations, others in memory', async () => {
    const ticking = trialOf('live-resident', 'cxlfork', 'make-room');
    assert.equal(await procedureRefuses(ticking), undefined);
    const together = { ...ticking.children, count: 2 };
    assert.match(
      (await procedureRefuses({ ...ticking, children: together }))!,
      /^make-room looks at A bits, which children of one checkpoint share in its leaves; /,
    );
    const trial = trialOf('live-resident', 'cxlfork', 'hybrid');
    assert.equal(await procedureRefuses(trial), undefined);
    const often = await procedureRefuses({ ...trial, invocations: 3 });
    assert.equal(often, 'more invocations of a child than 2 are only simulated');
    const node = { ...two_nodes.node, others_memory_share: 0 };
    const crowded = await procedureRefuses({ ...trial, fabric: { ...two_nodes, node } });
    assert.match(crowded!, /^others in memory are only simulated; /);
  });

  it('is refused to children where no kernel is, and where their mechanism makes none', async () => {
    const refused = (mechanism: string, count: number, nodes: number, of = 2) =>
      procedureRefuses({
        ...trialOf('live-resident', mechanism, mechanism === 'cxlfork' ? 'hybrid' : undefined),
        children: { count, nodes, interval_ms: 0 },
        fabric: { ...two_nodes, nodes: of },
      });
    for (const nodes of [1, 2]) assert.equal(await refused('cxlfork', 4, nodes), undefined);
    assert.match(
      (await refused('cxlfork', 4, 2, 3))!,
      /^a child is on node 2, and there are kernels for nodes 0 and 1; expected children\.nodes: 1/,
    );
    assert.match((await refused('cxlfork', 4, 3))!, /^children are on 3 nodes of a fabric of 2$/);
    assert.equal(await refused('local-fork', 4, 1), undefined);
    assert.match((await refused('local-fork', 4, 2))!, /on their parent's node only/);
    assert.match((await refused('criu', 2, 1))!, /^CRIU restores a process under its own number/);
  });

  it('is refused to a policy for a mechanism that takes none', async () => {
    const refused = await procedureRefuses(trialOf('live-resident', 'mitosis', 'hybrid'));
    assert.match(refused!, /^mitosis takes no policy/);
  });

  it('is refused to CXLfork with what the module does otherwise, and run where nothing is said', async () => {
    const trial = trialOf('live-json', 'cxlfork', 'hybrid');
    const refused = (cxlfork: Record<string, string>) =>
      procedureRefuses({ ...trial, parameters: { cxlfork } });
    for (const promotion of ['fault-around', 'background', 'batch']) {
      assert.equal(
        await refused({ promotion }),
        `the module knows no promotion ${promotion}; parameters.cxlfork.promotion: fault would run`,
      );
    }
    assert.match(
      (await refused({ accessed_bits: 'kept' }))!,
      /^the module knows no accessed_bits kept; parameters\.cxlfork\.accessed_bits: cleared/,
    );
    assert.equal(await refused({ promotion: 'fault', accessed_bits: 'cleared' }), undefined);
    assert.equal(await refused({}), undefined);
  });

  it('is refused to a prefetching Mitosis that sets pages aside, which the module does not', async () => {
    const trial = trialOf('live-json', 'mitosis');
    assert.match(
      (await procedureRefuses({ ...trial, parameters: {} }))!,
      /^the module maps prefetched pages at once; parameters\.mitosis\.prefetched: mapped would run/,
    );
    const without = { ...trial, parameters: { mitosis: { window_pages: 1 } } };
    assert.equal(await procedureRefuses(without), undefined);
  });

  it('is run for every mechanism that kernels carry out, and every policy that they can follow', async () => {
    const followed = Object.entries(builtInPolicies).filter(
      ([, { clairvoyant, tick }]) => !clairvoyant && !tick,
    );
    const run = new Set<string>();
    for (const [name, { policies }] of Object.entries(mechanisms)) {
      const under = policies === 'any' ? followed.map(([policy]) => policy) : [undefined];
      for (const policy of under) {
        const refused = await procedureRefuses(trialOf('live-json', name, policy));
        assert.ok(isRunOrOnlySimulated(refused), refused);
        if (refused === undefined) run.add(name);
      }
    }
    // What is claimed of kernels must be found out there.
    for (const name of Object.keys(realMechanisms)) assert.ok(run.has(name), name);
  });
});

/** A mechanism may be one that only the simulator has. */
function isRunOrOnlySimulated(refusal: string | undefined): boolean {
  return refusal === undefined || /is not carried out on real kernels$/.test(refusal);
}

describe('what machines say', () => {
  it('becomes one line: what was tried, and the last that was heard', () => {
    const long = 'n0: insmod: exit code 1\n\nsome context\n  insmod: wrong version \n';
    assert.equal(
      inOneLine(new Error(long)).message,
      'n0: insmod: exit code 1 insmod: wrong version',
    );
    assert.equal(inOneLine(new Error('one line')).message, 'one line');
    assert.equal(inOneLine('').message, 'failed without a word');
  });

  it('is where pages lie, by NUMA node', () => {
    const maps = `00400000 prefer:2 file=/program mapped=4 N0=1 N2=3 kernelpagesize_kB=4
7f0000000000 bind:2 anon=10 dirty=10 N2=10 kernelpagesize_kB=4
7fff00000000 default
`;
    assert.deepEqual(
      [...pagesByNode(maps)],
      [
        [0, 1],
        [2, 13],
      ],
    );
  });
});
