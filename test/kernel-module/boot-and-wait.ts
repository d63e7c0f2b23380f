/** A program that boots a testbed, prints the process identifiers of its machines and waits to be killed. */
import type { KernelName } from '../../kernel-module/testbed/kernel.ts';
import { startTestbed } from '../../kernel-module/testbed/scenario-testbed.ts';

const testbed = await startTestbed(process.argv[2] as KernelName, { withoutModule: true });
console.log(testbed.nodes.map((node) => node.pid).join(' '));
await new Promise(() => setInterval(() => undefined, 60_000));
