/** CXLfork on real kernels: the module attaches the checkpoint's leaves, and a policy places its pages. */

import type { Trial } from '../../backend.ts';
import { shellWord } from '../../input/shell-word.ts';
import model from '../../mechanisms/cxlfork.ts';
import { kernelParameters } from '../../memory/kernel-costs.ts';
import { valuesOf } from '../../parameters.ts';
import { place } from '../../placements.ts';
import type { PolicyHost } from '../../scenarios/fork/policy-host.ts';
import { liveLayout } from '../../workload/live-model.ts';
import { loadPolicy } from '../load-policy.ts';
import { hostOf } from '../policy-host.ts';
import { interruptible } from '../stoppable.ts';
import { attach, of_a_child } from './attach.ts';
import type { Live } from './children.ts';
import type { Bound } from './claims.ts';
import type { Cluster } from './node.ts';
import { placementBits } from './placement-bits.ts';
import type { RealMechanism } from './real-mechanism.ts';
import type { WarmFunction } from './warm-function.ts';

const records: Bound = {
  share: 0.02,
  count: 32,
  because: 'the module stores more of a process than the model: descriptors, threads, checksums',
};

export const cxlfork: RealMechanism = {
  claims: { ...of_a_child, cxl_memory_mb: records },
  /** The module has one way of each; another one's counts would be no answer. */
  refuses({ parameters: set }) {
    for (const [name, own] of Object.entries(model.on_kernels ?? {})) {
      const asked = set['cxlfork']?.[name] ?? own;
      if (asked === own) continue;
      return `the module knows no ${name} ${asked}; parameters.cxlfork.${name}: ${own} would run`;
    }
    return undefined;
  },
  prepare: prepareByPolicy,
};

/** The policy is asked here, over the checkpoint's bits, and the module is told two bits a page. */
async function prepareByPolicy(cluster: Cluster, warm: WarmFunction, trial: Trial): Promise<Live> {
  const { leaf } = valuesOf(model.parameters, trial.parameters['cxlfork']);
  const host = interruptibly(hostOf(trial, await loadPolicy(trial.policy!)));
  const layout = liveLayout({ ...warm.described, changes: [] });
  const placements = host.ask((asked) => place(host.name, asked, host.values, layout));
  const bits = placementBits(placements);
  const file = `${cluster.scratch}/placements`;
  for (const node of new Set([cluster.parent, cluster.child])) await node.writeFile(file, bits);
  const leaves = leaf === 'built' ? '--leaves local' : '';
  const words = `--placements ${shellWord(file)} ${leaves}`;
  const { tick_budget_pages } = valuesOf(kernelParameters, trial.parameters['kernel']);
  const rules = host.policy.tick && { host, budget_pages: tick_budget_pages };
  return (node) => attach(cluster, warm, words, model.inapplicable, node, rules);
}

/** A policy that does not answer is ended by Ctrl-C, too. */
function interruptibly(host: PolicyHost): PolicyHost {
  return { ...host, ask: (questions) => interruptible(() => host.ask(questions)) };
}
