import assert from 'node:assert/strict';
import { joinRegion, rforkctl } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';

const lockdown = '/sys/kernel/security/lockdown';

const scenario: Scenario = {
  shows:
    'a kernel that is locked down attaches no region, although the module was loaded: memory that others can write would become its page tables',
  hardware: { nodes: 1 },
  async run(testbed) {
    const [node] = testbed.nodes;
    await node!.exec('mount -t securityfs securityfs /sys/kernel/security');
    if ((await node!.exec(`[ -e ${lockdown} ]`)).code !== 0)
      return { lockdown: 'not in this kernel' };
    await joinRegion(testbed, 0);
    await node!.check(`${rforkctl} detach`);
    // For good, until the machine starts anew.
    await node!.check(`echo integrity > ${lockdown}`);
    await assert.rejects(joinRegion(testbed, 0), /attach .*: exit code 1\n.*locked down/);
    const state = (await node!.check(`cat ${lockdown}`)).trim();
    await testbed.restart(0);
    return { lockdown: state };
  },
};

export default scenario;
