/** docs/real-hardware.md: its commands exist, and what it says was run in guests is run there by a test. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandOf } from '../../sim/cli/command-line.ts';
import { examine } from '../../sim/machine/doctor.ts';
import { cxlDevice, cxlRegion, daxDevice, facts, machine, plain } from './machines.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const guide = readFileSync(`${root}docs/real-hardware.md`, 'utf8');
const blocks = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text]) => text!).join('\n');

describe('the guide to real hardware', () => {
  it('types commands of cxlsim that there are, with options that they have', async () => {
    const commands = blocks
      .replaceAll('\\\n', ' ')
      .split('\n')
      .flatMap((line) => /^npx cxlsim ([^#]*)/.exec(line)?.[1] ?? []);
    assert.ok(commands.length >= 5);
    for (const words of commands) assert.ok(await commandOf(words.trim().split(/\s+/)), words);
  });

  it('names scenarios and tests that there are', () => {
    const names = [...guide.matchAll(/(?:guest|in a guest): (?:the test `)?([a-z]+(?:-[a-z]+)+)/g)];
    assert.ok(names.length >= 5);
    for (const [, name] of names) {
      const places = [
        `kernel-module/testbed/scenarios/${name}.ts`,
        `test/kernel-module/${name}.test.ts`,
      ];
      assert.ok(
        places.some((path) => existsSync(`${root}${path}`)),
        name,
      );
    }
  });

  it('has each command that the doctor proposes for memory', () => {
    const trees = [
      [cxlDevice],
      [cxlDevice, cxlRegion],
      [daxDevice()],
      [daxDevice('device_dax')],
      [daxDevice('kmem')],
    ];
    const proposed = trees.flatMap((tree) =>
      examine(machine(plain, ...tree), facts)
        .find(({ part }) => part === 'backend host')!
        .findings.flatMap(({ name, next = '' }) => (/^(CXL|DAX|memory)/.test(name) ? next : [])),
    );
    const tools = ['cxl create-region', 'daxctl offline-memory', 'rfork/new_id', '/unbind'];
    for (const tool of [
      ...tools,
      'rforkctl attach --node 0 --dax',
      'rforkctl attach --node 0 --base',
    ]) {
      assert.ok(
        proposed.some((next) => next.includes(tool)),
        tool,
      );
      assert.ok(blocks.includes(tool), tool);
    }
  });
});
