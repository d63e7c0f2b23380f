import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KernelTypes } from './kernel-types.ts';
import { chosenKernels, onEachKernel } from './on-each-kernel.ts';

const moduleDirectory = join(import.meta.dirname, '../../kernel-module');

interface Entry {
  readonly members: readonly string[];
  readonly attributes: string;
}

/** The entries of docs/kernel-state.md, by structure. */
function listed(): Map<string, readonly Entry[]> {
  const text = readFileSync(join(moduleDirectory, 'docs/kernel-state.md'), 'utf8');
  const sections = text.split(/^## struct /m).slice(1);
  return new Map(
    sections.map((section) => {
      const entries = [...section.matchAll(/^\| (`.*`) \| (.*) \|$/gm)].map(
        ([, members, attributes]) => ({
          members: [...members!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
          attributes: attributes!,
        }),
      );
      return [section.slice(0, section.indexOf('\n')), entries];
    }),
  );
}

function membersIn(entries: readonly Entry[]): string[] {
  return entries.flatMap(({ members }) => members);
}

const structures = [
  ...['task_struct', 'signal_struct', 'sighand_struct', 'mm_struct', 'files_struct', 'fs_struct'],
];

describe("the list of the kernel's structures of a process", () => {
  it('names each member once, with attributes of the state table or a word why it is no state', () => {
    const table = readFileSync(join(moduleDirectory, 'docs/state-table.md'), 'utf8');
    const known = new Set(
      [...table.matchAll(/^\| (.*?) \| /gm)].map(([, attribute]) => attribute!),
    );
    assert.deepEqual([...listed().keys()], structures);
    for (const [name, entries] of listed()) {
      const members = membersIn(entries);
      assert.equal(new Set(members).size, members.length, name);
      for (const { attributes } of entries) {
        if (/^no state: ./.test(attributes)) continue;
        for (const attribute of attributes.split('; ')) {
          assert.ok(known.has(attribute), `struct ${name}: the state table has no ${attribute}`);
        }
      }
    }
  });

  const kernels = chosenKernels().filter((kernel) => kernel !== '6.12-debug');
  /** By structure: what the kernels that were asked have. */
  const found = new Map<string, Set<string>>();

  onEachKernel(
    'the list',
    { nodes: 1, withoutModule: true },
    (testbed) => {
      it('has each member of each structure', async () => {
        const { stdoutBytes } = await testbed().nodes[0]!.exec('cat /sys/kernel/btf/vmlinux');
        const types = new KernelTypes(stdoutBytes);
        for (const [name, entries] of listed()) {
          const known = new Set(membersIn(entries));
          const members = types.membersOf(name);
          found.set(name, new Set([...(found.get(name) ?? []), ...members]));
          assert.deepEqual(
            members.filter((member) => !known.has(member)),
            [],
            `struct ${name}: docs/kernel-state.md does not say what these are`,
          );
        }
      });
    },
    { reset: 'after a failure', kernels },
  );

  // A suite of its own, since those come last.
  describe('when both kernels were asked', () => {
    it('has no member that neither kernel has', function () {
      if (!['6.1', '6.12'].every((kernel) => kernels.some((each) => each === kernel))) this.skip();
      for (const [name, entries] of listed()) {
        const gone = membersIn(entries).filter((member) => !found.get(name)!.has(member));
        assert.deepEqual(gone, [], `struct ${name}`);
      }
    });
  });
});
