import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelNames } from '../../kernel-module/testbed/kernel.ts';
import { findKernel } from '../../kernel-module/testbed/kernels.ts';
import { KernelCalls } from './kernel-calls.ts';
import { chosenKernels, requireKernel } from './on-each-kernel.ts';

const moduleDirectory = join(import.meta.dirname, '../../kernel-module');
const document = 'docs/page-table-changes.md';
const step = 'step of its callers';

interface Row {
  readonly name: string;
  readonly guard: string;
  readonly why: string;
}

function listed(): Row[] {
  const text = readFileSync(join(moduleDirectory, document), 'utf8');
  return [...text.matchAll(/^\| `(\w+)` \| `?([\w ]+?)`? \| *(.*?) *\|$/gm)].map(
    ([, name, guard, why]) => ({ name: name!, guard: guard!, why: why! }),
  );
}

function redirectedFunctions(): string[] {
  const source = readFileSync(join(moduleDirectory, 'module/hooks.c'), 'utf8');
  return [...source.matchAll(/\.target = .*&rfork_sym\.(\w+)/g)].map(([, name]) => name!);
}

describe('the list of what changes page-table entries', () => {
  it('says of each function once what stands before it, and why', () => {
    const guards = new Set([
      ...redirectedFunctions(),
      ...['mmu notifier', 'no such entry', 'A bit', 'other page tables'],
    ]);
    const rows = listed();
    assert.ok(guards.has('handle_mm_fault'), 'the redirected functions are found');
    assert.ok(rows.length > 80, 'all rows are found');
    assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
    for (const { name, guard, why } of rows) {
      if (guard === step) continue;
      assert.ok(guards.has(guard), `${name}: ${guard} stands before nothing`);
      assert.notEqual(why, '', name);
    }
  });

  // Of the kernels only this one asks its page-table check, by whose callers the functions are known.
  if (!chosenKernels(kernelNames).includes('6.12-debug')) return;

  it('holds all of them that the debugging kernel has, and no others', async function () {
    await requireKernel(this, '6.12-debug');
    const calls = await KernelCalls.of(await findKernel('6.12-debug'));
    const checks = new Set(
      calls.names().filter((name) => /^__page_table_check_p.*_(set|clear|range)$/.test(name)),
    );
    assert.equal(checks.size, 7, [...checks].join(' '));
    const rows = listed();
    const steps = new Set(rows.filter(({ guard }) => guard === step).map(({ name }) => name));
    const changers = new Set([...calls.callersOf(checks), ...calls.callersOf(steps)]);
    for (const check of checks) changers.delete(check);

    const known = new Set(rows.map(({ name }) => name));
    assert.deepEqual(
      [...changers].filter((name) => !known.has(name)).sort(),
      [],
      `change entries, and ${document} does not say what stands before them`,
    );
    assert.deepEqual(
      [...known].filter((name) => !changers.has(name)).sort(),
      [],
      `in ${document}, but they change no entry any more`,
    );
  });
});
