import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { scanned } from '../../../sim/backends/real/rforkctl.ts';
import { marked_accessed, marked_dirty, marked_hot } from '../../../sim/memory/layout.ts';
import { metricNames } from '../../../sim/metrics.ts';
import { migrate_now, migrate_on_access, migrate_on_write } from '../../../sim/placements.ts';

const header = readFileSync(
  new URL('../../../kernel-module/include/uapi/rfork.h', import.meta.url),
  'utf8',
);

/** Members of an enumeration of the header, and their numbers. */
function enumeration(name: string): Record<string, number> {
  const body = new RegExp(`^enum ${name} \\{([^}]*)\\};`, 'm').exec(header)?.[1];
  assert.ok(body, `enum ${name} is in the header`);
  const members = [...body.matchAll(/^\s*(\w+) = (\d+),/gm)];
  return Object.fromEntries(members.map(([, member, number]) => [member!, Number(number)]));
}

/** Numbers that the header defines under names with this beginning. */
function defined(prefix: string): Record<string, number> {
  const lines = [...header.matchAll(/^#define (\w+)\s+(\d+)\b/gm)];
  return Object.fromEntries(
    lines.flatMap(([, name, number]) =>
      name!.startsWith(prefix) ? [[name!.slice(prefix.length), Number(number)]] : [],
    ),
  );
}

/** Members of a structure of the header. */
function members(name: string): string[] {
  const body = new RegExp(`^struct ${name} \\{(.*?)^\\};`, 'ms').exec(header)?.[1];
  assert.ok(body, `struct ${name} is in the header`);
  return [...body.matchAll(/^\t__\w+ (\w+)(?:\[\w+\])?;/gm)].map(([, member]) => member!);
}

describe('the interface of the kernel module', () => {
  it('has the codes of placements that the simulator has', () => {
    assert.deepEqual(enumeration('rfork_placement'), {
      RFORK_MIGRATE_ON_WRITE: migrate_on_write,
      RFORK_MIGRATE_ON_ACCESS: migrate_on_access,
      RFORK_MIGRATE_NOW: migrate_now,
    });
  });

  it('has the bits of pages that the simulator has, by the same words', () => {
    const bits = defined('RFORK_PAGE_');
    assert.deepEqual(
      [bits['ACCESSED'], bits['DIRTY'], bits['HOT']],
      [marked_accessed, marked_dirty, marked_hot],
    );
    for (const [word, bit] of Object.entries(scanned)) assert.equal(bits[word.toUpperCase()], bit);
  });

  it('counts what is a metric under the name of the metric', () => {
    const counters = members('rfork_counters');
    const metrics: readonly string[] = metricNames;
    for (const name of [
      'pages_copied',
      'pages_demoted',
      'leaves_attached',
      'leaves_built',
      'leaves_unshared',
      'cow_faults',
      'migration_faults',
    ]) {
      assert.ok(metrics.includes(name) && counters.includes(name), name);
    }
  });
});
