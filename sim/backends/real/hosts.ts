/** Hosts that have the module and one region, as the nodes of trials; and why some are none. */

import { existsSync } from 'node:fs';
import { AgentNode, this_host } from './agent-node.ts';
import type { Cluster, Node } from './node.ts';
import { check } from './rforkctl.ts';

export interface HostOptions {
  /** One destination or two, with a comma between. */
  readonly nodes: string;
  readonly tools: string;
}

export interface Hosts extends Cluster {
  /** Kernel release and processor. */
  readonly description: string;
  close(): Promise<void>;
}

/** Why hosts cannot be used, as a skipped row says it. */
export class HostRefusal extends Error {
  override readonly name = 'HostRefusal';
}

/** What the module says of itself and its region; the fields that are looked at. */
interface ModuleInfo {
  readonly release: string;
  readonly attached: number;
  readonly formatted: number;
  readonly generation: number;
  readonly node: number;
}

interface Examined extends ModuleInfo {
  readonly processor: string;
}

/** Throws a `HostRefusal` where trials cannot run; connected hosts are let go of then. */
export async function connectHosts({ nodes, tools }: HostOptions): Promise<Hosts> {
  const destinations = destinationsOf(nodes);
  if (!/^\/[\w./-]*$/.test(tools))
    refuse(`parameters.host.tools is ${tools}; expected an absolute folder`);
  const connected: AgentNode[] = [];
  let scratch: string | undefined;
  const close = async () => {
    if (scratch !== undefined) await removed(scratch, connected);
    for (const node of connected) node.close();
  };
  try {
    for (const destination of destinations) {
      if (destination === this_host && !existsSync('/dev/rfork'))
        refuse(`${this_host}: ${not_loaded}`);
      connected.push(await AgentNode.connect(destination));
    }
    const [parent, child = parent] = connected as [AgentNode, AgentNode?];
    const examined = await Promise.all(connected.map((node) => examine(node, tools)));
    checkTogether(connected, examined);
    scratch = await privateFolder(connected);
    const { release, processor } = examined[0]!;
    // Emulated processors say so in their name; QEMU's other ones are real.
    const emulated = examined.some((each) => /QEMU TCG/.test(each.processor));
    return {
      parent,
      child,
      tools,
      scratch,
      times: emulated ? 'relative' : 'absolute',
      description: `Linux ${release} on ${connected.length === 1 ? 'one host' : 'two hosts'}, ${processor}`,
      close,
    };
  } catch (error) {
    await close();
    throw error instanceof HostRefusal
      ? error
      : new HostRefusal((error as Error).message.split('\n')[0]);
  }
}

/**
 * A folder of one name on all nodes, since a child opens its parent's files; made by this run, for root alone:
 * what others put under a name that they can guess would else be run.
 */
export async function privateFolder([parent, ...others]: readonly AgentNode[]): Promise<string> {
  const made = (await check(parent!, 'umask 077; mktemp -d /tmp/cxlsim.XXXXXXXXXX')).trim();
  if (!/^\/tmp\/cxlsim\.\w{10}$/.test(made))
    throw new Error(`${parent!.node}: mktemp says ${made}`);
  try {
    // Fails where the name is taken.
    for (const node of others) await check(node, `mkdir -m 700 ${made}`);
  } catch (error) {
    await removed(made, [parent!]);
    throw error;
  }
  return made;
}

/** As far as the lines still hold. */
async function removed(folder: string, nodes: readonly AgentNode[]): Promise<void> {
  for (const node of nodes) {
    await node.exec(`rm -rf ${folder}`, { timeout_ms: 10_000 }).catch(() => undefined);
  }
}

const not_loaded = 'the module rfork is not loaded; cxlsim doctor says what to do';

function destinationsOf(nodes: string): string[] {
  const destinations = nodes.split(',').map((each) => each.trim());
  const sound = destinations.every((each) => /^[\w[][\w.:@%[\]-]*$/.test(each));
  if (sound && destinations.length <= 2) return destinations;
  return refuse(
    `parameters.host.nodes is ${nodes}; expected one SSH destination, or two with a comma between`,
  );
}

async function examine(node: Node, tools: string): Promise<Examined> {
  const about = await node.exec(
    "id -u; [ -e /dev/rfork ] && echo yes || echo no; grep -m1 '^model name' /proc/cpuinfo | cut -d: -f2-",
  );
  const [user, loaded, processor = ''] = about.stdout.trim().split('\n');
  if (user !== '0') refuse(`${node.node}: not root there; the module takes orders from root only`);
  if (loaded !== 'yes') refuse(`${node.node}: ${not_loaded}`);
  const { code, stdout, stderr } = await node.exec(`${tools}/rforkctl --json info`);
  if (code !== 0) {
    const why = stderr.trim().split('\n').at(-1) || `exit code ${code}`;
    refuse(`${node.node}: rforkctl info: ${why}`);
  }
  return { ...(JSON.parse(stdout) as ModuleInfo), processor: processor.trim() };
}

function checkTogether(nodes: readonly Node[], examined: readonly Examined[]): void {
  for (const [index, { attached, formatted }] of examined.entries()) {
    const { node } = nodes[index]!;
    if (!attached) refuse(`${node}: the module has no region; rforkctl attach gives it one`);
    if (!formatted) refuse(`${node}: the region is not formatted; rforkctl format makes it so`);
  }
  const [a, b] = examined;
  if (a === undefined || b === undefined) return;
  const both = `${nodes[0]!.node} and ${nodes[1]!.node}`;
  if (a.release !== b.release)
    refuse(
      `${both} run ${a.release} and ${b.release}; checkpoints move between equal kernels only`,
    );
  if (a.generation !== b.generation)
    refuse(`${both} have attached different regions, or one before it was formatted anew`);
  if (a.node === b.node)
    refuse(`${both} are both node ${a.node} of the region; attach one with another --node`);
}

function refuse(reason: string): never {
  throw new HostRefusal(reason);
}
