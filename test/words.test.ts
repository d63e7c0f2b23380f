import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { metricNames } from '../sim/metrics.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** Names in code of a table's last two columns: what the module and what results have. */
function namesIn(page: string): string[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| :'))
    .flatMap((line) => line.split(' | ').slice(-2))
    .flatMap((cell) => [...cell.matchAll(/`([\w.]+)`/g)].map(([, name]) => name!));
}

describe('the page of words', () => {
  it('names only what there is, in the simulator or in the module’s interface', () => {
    const sources = [
      'kernel-module/include/uapi/rfork.h',
      'kernel-module/module/format.h',
      'kernel-module/module/trace.h',
      'kernel-module/tools/rforkctl.c',
      'sim/policy.ts',
      'sim/mechanisms/mitosis.ts',
      'policies/hybrid.ts',
    ].map(read);
    const names = namesIn(read('docs/words.md')).filter((name) => !name.endsWith('_'));
    assert.ok(names.length > 30, `${names.length} names`);
    for (const name of names) {
      const word = name.split('.').at(-1)!;
      const is_metric = metricNames.some((metric) => metric === word);
      assert.ok(is_metric || sources.some((text) => text.includes(word)), name);
    }
  });
});
