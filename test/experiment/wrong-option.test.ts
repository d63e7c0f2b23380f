/** Options that do not fit the experiment they are for. */

import assert from 'node:assert/strict';
import type { Overrides } from '../../sim/experiment/overrides.ts';
import { complaint, fileOf, sound } from './sound-experiment.ts';

const wrong_options: readonly (readonly [Overrides, string])[] = [
  [
    { set: ['fabric.cxl.latncy_ns=200'] },
    '--set fabric.cxl.latncy_ns=200: fabric.cxl.latncy_ns is not a setting; did you mean latency_ns?',
  ],
  [
    { set: ['fabrik.cxl.latency_ns=200'] },
    '--set fabrik.cxl.latency_ns=200: fabrik.cxl.latency_ns is not a setting; did you mean fabric?',
  ],
  [
    { set: ['fabric.__proto__.polluted=1'] },
    '--set fabric.__proto__.polluted=1: fabric.__proto__.polluted is not a setting; did you mean fabric?',
  ],
  [
    { set: ['fabric.constructor.polluted=1'] },
    '--set fabric.constructor.polluted=1: fabric.constructor is not a setting; found preset, nodes, node, cxl, coherence',
  ],
  [
    { set: ['latency'] },
    '--set latency: this is not path=value; expected --set fabric.cxl.latency_ns=200',
  ],
  [{ set: ['=3'] }, '--set =3: this is not path=value; expected --set fabric.cxl.latency_ns=200'],
  [{ set: ['seed='] }, '--set seed=: seed takes one value; write it after ='],
  [
    { set: ['children.starts_ms=[0, 5]'] },
    '--set children.starts_ms=[0, 5]: children.starts_ms is a list; expected it in the experiment file',
  ],
  [
    { set: ['fabric.cxl.latency_ns=[1, 2]'] },
    '--set fabric.cxl.latency_ns=[1, 2]: fabric.cxl.latency_ns takes one value; several belong under sweep in the file',
  ],
  [
    { set: ['fabric.cxl.latency_ns=-1'] },
    '--set fabric.cxl.latency_ns=-1: fabric.cxl.latency_ns is -1; expected a number from 0 to 1000000000 ns',
  ],
  [
    { set: ['fabric.cxl.latency_ns=*it'] },
    '--set fabric.cxl.latency_ns=*it: fabric.cxl.latency_ns is "*it"; expected a number from 0 to 1000000000 ns',
  ],
  [
    { set: ['fabric.cxl.latency_ns=!hex 10'] },
    '--set fabric.cxl.latency_ns=!hex 10: fabric.cxl.latency_ns is "!hex 10"; expected a number from 0 to 1000000000 ns',
  ],
  [{ set: ['fabric.cxl=3'] }, '--set fabric.cxl=3: fabric.cxl is 3; expected a mapping'],
  [
    { set: ['question=why'] },
    '--set question=why: question is not a setting; found fabric, children, arrivals, parameters, workload, scenario, invocations, repetitions, seed',
  ],
  [{ policies: ['hybird'] }, '--policy hybird: no policy named hybird; did you mean hybrid?'],
  [
    { mechanisms: ['criu', 'crui'] },
    '--mechanism crui: no mechanism named crui; did you mean criu?',
  ],
  [{ workloads: ['brt'] }, '--workload brt: no workload named brt; did you mean bert?'],
  [{ backends: ['fak'] }, '--backend fak: no backend named fak; found simulated, vm, host'],
  [
    { mechanisms: ['criu', 'criu'] },
    '--mechanism criu: mechanisms[1] is "criu" a second time; expected each once',
  ],
  [{ seed: '0x' }, '--seed 0x: seed is "0x"; expected a whole number of at least 0 and below 2^53'],
  [
    { repetitions: '-3' },
    '--repetitions -3: repetitions is -3; expected a whole number from 1 to 1000000',
  ],
];

describe('a wrong option stops with one line that names it', () => {
  for (const [overrides, message] of wrong_options) {
    it(message.slice(0, message.indexOf(': ')), async () => {
      assert.equal(await complaint(fileOf(sound), overrides), message);
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    });
  }

  it('that quotes of a long value only how it begins and ends', async () => {
    const message = await complaint(fileOf(sound), { mechanisms: ['x'.repeat(10_000)] });
    assert.match(
      message,
      /^--mechanism x{300,400}…x{100}: no mechanism named x{300,400}…x{100}; found /,
    );
  });
});
