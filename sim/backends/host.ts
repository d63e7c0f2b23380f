/**
 * Hosts with the module: one, or two that SSH reaches. Trials are those of the virtual machines, with the
 * region that the hosts' administrator gave the module. Nothing of the hosts is configured, and nothing stays.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend, BackendContext, ParameterSettings, Trial } from '../backend.ts';
import { valuesOf } from '../parameters.ts';
import { host, hostParameters } from './host-definition.ts';
import { connectHosts, HostRefusal, type Hosts } from './real/hosts.ts';
import { RealBackend, type Site } from './real/real-backend.ts';
import { realMechanisms } from './real/registry.ts';
import { end } from './real/served-function.ts';
import { compile } from './real/vm-testbed.ts';
import type { WarmFunction } from './real/warm-function.ts';

type Settings = ReturnType<typeof settingsOf>;

function settingsOf(parameters: ParameterSettings) {
  return valuesOf(hostParameters, parameters['host']);
}

const hosts: Site<Settings> = {
  name: 'host',
  has_relative_times: host.clock === 'emulated',
  compile,
  settingsOf,
  keyOf: ({ nodes, tools }) => JSON.stringify([nodes, tools]),
  refuses: hostsRefuse,
  async unavailable(connect) {
    try {
      await connect();
      return undefined;
    } catch (error) {
      if (error instanceof HostRefusal) return error.message;
      throw error;
    }
  },
  async connect(settings) {
    const connected = await connectHosts(settings);
    return {
      cluster: connected,
      description: connected.description,
      keepLogs: (folder, name) => keepLogs(connected, folder, name),
      // Hosts that are late or gone are not asked for more on the same line.
      areSound: async () => false,
      async end(warm) {
        // The hosts are shared with others: parents end and checkpoints are deleted, as far as the lines still hold.
        for (const each of warm) {
          await each.then((known) => release(connected, known)).catch(() => undefined);
        }
        await connected.close();
      },
    };
  },
};

/** Hosts are shared with others: what changes them is left to guests. */
function hostsRefuse({ mechanism, children, parameters }: Trial): string | undefined {
  const why = realMechanisms[mechanism]?.guests_only;
  if (why !== undefined) return `${why}; --backend vm runs it`;
  const { nodes } = settingsOf(parameters);
  if (children.nodes > 1 && !nodes.includes(',')) {
    return `children are on ${children.nodes} nodes of one host, ${nodes}; expected two in parameters.host.nodes`;
  }
  return undefined;
}

/** What the kernels said last, of hosts that still answer. */
async function keepLogs({ parent, child }: Hosts, folder: string, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const node of new Set([parent, child])) {
    const said = await node.exec('dmesg | tail -n 200', { timeout_ms: 10_000 }).then(
      ({ stdout }) => stdout,
      ({ message }: Error) => `${message}\n`,
    );
    writeFileSync(join(folder, `${name}-${node.node.replaceAll(/[^\w.-]/g, '-')}.log`), said);
  }
}

async function release({ parent: node, tools }: Hosts, warm: WarmFunction): Promise<void> {
  await end(warm.parent);
  const remove = `${tools}/rforkctl delete ${warm.checkpointed.checkpoint}`;
  // The last child's reference goes a moment after its end.
  await node.exec(`for i in $(seq 50); do ${remove} && exit; sleep 0.2; done`, {
    timeout_ms: 30_000,
  });
}

export function open(context: BackendContext): Backend {
  return new RealBackend(hosts, context);
}
