/**
 * The backend `host`, from the command line: two guests of the testbed stand for two hosts that share
 * memory and are reached over SSH.
 */

import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rforkctl, startRegion } from '../../kernel-module/testbed/rfork.ts';
import { startTestbed } from '../../kernel-module/testbed/scenario-testbed.ts';
import type { Testbed } from '../../kernel-module/testbed/testbed.ts';
import { cxlsim } from '../cli/cxlsim.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { GuestSsh } from './guest-ssh.ts';
import { chosenKernels, requireKernel } from './on-each-kernel.ts';
import { toolOfAnotherVersion } from './tool-of-another-version.ts';

const experiment = `question: Do hosts count what the simulator counts?
backends: [simulated, host]
mechanisms: [cxlfork]
policies: [migrate-on-write, hybrid]
workloads: [live-resident]
fabric: cxlfork-testbed
parameters:
  host:
    nodes: root@n0,root@n1
    tools: /rfork
    warm_invocations: 2
`;

describe('hosts that SSH reaches', function () {
  this.timeout(10 * 60_000);
  this.slow(60_000);
  let testbed: Testbed;
  let ssh: GuestSsh;
  let cwd: string;

  before(async function () {
    const [kernel] = chosenKernels();
    await requireKernel(this, kernel!);
    cwd = scratchFolder({ 'hosts.yaml': experiment });
    testbed = await startTestbed(kernel!, { nodes: 2 });
    await startRegion(testbed);
    ssh = await GuestSsh.open((host) => testbed.nodes[host.endsWith('n1') ? 1 : 0]!);
  });

  after(async () => {
    ssh?.close();
    await testbed?.stop();
  });

  const run = (out: string, ...words: string[]) =>
    cxlsim(['run', 'hosts.yaml', '--out', out, ...words], { cwd });
  const reasons = (out: string, kind: 'skipped' | 'failed'): string[] =>
    JSON.parse(readFileSync(join(cwd, out, 'manifest.json'), 'utf8'))[kind].map(
      ({ reason }: { reason: string }) => reason,
    );
  /** Processes of functions and of agents over SSH, and images; some end a moment later than we do. */
  const leftBehind = async () => {
    const found: string[] = [];
    for (let attempt = 0; attempt < 20; attempt++) {
      found.length = 0;
      for (const node of testbed.nodes) {
        found.push((await node.exec('pgrep -f "[.]/program|[-]-stdio"')).stdout);
      }
      found.push(
        JSON.stringify(JSON.parse(await testbed.nodes[0]!.check(`${rforkctl} --json list`))),
      );
      if (found.every((each, index) => each === nothing[index])) break;
      await testbed.nodes[0]!.exec('sleep 0.5');
    }
    return found;
  };
  const nothing = ['', '', '[]'];

  /** The two worlds agree on these counts, and no time of an emulated machine is kept. */
  const assertAgrees = async (out: string) => {
    const metrics = ['pages_copied', 'leaves_attached', 'cow_faults'];
    const words = ['compare', out, '--backend', 'simulated,host', '--json'];
    const compared = await cxlsim([...words, '--metric', metrics.join()], { cwd });
    const { differences } = JSON.parse(compared.out);
    assert.deepEqual(
      differences.map(({ policy, metric, verdict }: Record<string, string>) => [
        policy,
        metric,
        verdict,
      ]),
      ['migrate-on-write', 'hybrid'].flatMap((policy) =>
        metrics.map((metric) => [policy, metric, 'equal']),
      ),
    );
    const rows = readFileSync(join(cwd, out, 'measurements.csv'), 'utf8');
    assert.doesNotMatch(rows, /host,.*_ms,/);
    assert.deepEqual(await leftBehind(), nothing);
  };

  it('count what the simulator counts, leave emulated times out, and are left as they were', async () => {
    const { code, err } = await run('both');
    assert.equal(code, 0, err);
    await assertAgrees('both');
  });

  it('count the same where one host has parents and children', async () => {
    const { code, err } = await run('one', '--set', 'parameters.host.nodes="root@n0"');
    assert.equal(code, 0, err);
    const manifest = readFileSync(join(cwd, 'one/recordings/live-resident.json'), 'utf8');
    assert.match(manifest, /on one host/);
    await assertAgrees('one');
  });

  it('fail one trial when the line is lost in its middle, and go on with the next', async () => {
    let cuts = 0;
    ssh.meanwhile = (host, bytes) => {
      if (host !== 'root@n1' || !bytes.includes('rforkctl --json restore') || cuts > 0) return;
      cuts += 1;
      ssh.cut(host);
    };
    cpSync(join(cwd, 'both/recordings'), join(cwd, 'lost/recordings'), { recursive: true });
    const { code, err } = await run('lost');
    ssh.meanwhile = () => {};
    assert.deepEqual([code, cuts], [1, 1], err);
    assert.deepEqual(reasons('lost', 'failed'), [
      'root@n1: the line to it is cut: Connection to root@n1 closed by remote host.',
    ]);
    const rows = readFileSync(join(cwd, 'lost/measurements.csv'), 'utf8');
    assert.match(rows, /host,cxlfork,hybrid,live-resident,0,pages_copied,/);
    assert.deepEqual(readdirSync(join(cwd, 'lost/logs')).sort(), [
      'trial-1-root-n0.log',
      'trial-1-root-n1.log',
    ]);
    assert.deepEqual(await leftBehind(), nothing);
  });

  it('are skipped with the reason where they cannot be used', async () => {
    await testbed.nodes[1]!.check('mkdir -p /tmp/old');
    await testbed.nodes[1]!.writeFile('/tmp/old/rforkctl', await toolOfAnotherVersion());
    await testbed.nodes[1]!.check('chmod +x /tmp/old/rforkctl');
    const cases: [string, string[], RegExp][] = [
      ['user', ['nodes=nobody@n1'], /^nobody@n1: not root there; /],
      ['version', ['nodes=root@n1', 'tools=/tmp/old'], /^root@n1: rforkctl info: .*version/],
      ['same', ['nodes=root@n0,guest@n0'], /^root@n0 and guest@n0 are both node 0 of the region; /],
      ['tool', ['nodes=root@n0', 'tools=/nowhere'], /^root@n0: rforkctl info: .*not found/],
    ];
    for (const [out, settings, expected] of cases) {
      const words = settings.flatMap((setting) => ['--set', `parameters.host.${setting}`]);
      const { code } = await run(out, '--backend', 'host', ...words);
      assert.equal(code, 1, 'nothing was measured');
      const [reason, ...more] = reasons(out, 'skipped');
      assert.match(reason!, expected);
      assert.deepEqual(more, []);
    }
    await testbed.nodes[1]!.check(`${rforkctl} detach`);
    const { code } = await run('detached', '--backend', 'host');
    assert.equal(code, 1, 'nothing was measured');
    assert.match(reasons('detached', 'skipped')[0]!, /^root@n1: the module has no region; /);
  });
});
