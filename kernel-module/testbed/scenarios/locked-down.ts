import assert from 'node:assert/strict';
import { rforkctl } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';

const lockdown = '/sys/kernel/security/lockdown';

const scenario: Scenario = {
  shows:
    'a kernel that is locked down attaches no region, although the module was loaded: memory that others can write would become its page tables',
  hardware: { nodes: 1 },
  async run(testbed) {
    const { nodes, memory } = testbed;
    const [node] = nodes;
    await node!.exec('mount -t securityfs securityfs /sys/kernel/security');
    if ((await node!.exec(`[ -e ${lockdown} ]`)).code !== 0)
      return { lockdown: 'not in this kernel' };
    await node!.check('insmod /rfork/rfork.ko');
    const attach = `${rforkctl} attach --node 0 --base 0x${node!.sharedBase.toString(16)} --size ${memory.size_bytes}`;
    await node!.check(`${attach} && ${rforkctl} detach`);
    // For good, until the machine starts anew.
    await node!.check(`echo integrity > ${lockdown}`);
    const { code, stderr } = await node!.exec(attach);
    assert.equal(code, 1);
    assert.match(stderr, /locked down/);
    const state = (await node!.check(`cat ${lockdown}`)).trim();
    await testbed.restart(0);
    return { lockdown: state };
  },
};

export default scenario;
