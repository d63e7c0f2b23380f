import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scenarioNames } from '../../kernel-module/testbed/scenario-files.ts';

const moduleDirectory = join(import.meta.dirname, '../../kernel-module');

interface Row {
  readonly attribute: string;
  readonly fate: string;
  readonly remark: string;
  readonly tests: readonly string[];
}

function rows(): Row[] {
  const source = readFileSync(join(moduleDirectory, 'tools/state-table.c'), 'utf8');
  const text = '"([^"]*)"';
  const row = new RegExp(`^\\t\\{ ${text}, ${text}, ${text}, ${text} \\},$`, 'gm');
  return [...source.matchAll(row)].map(([, attribute, fate, remark, tests]) => ({
    attribute: attribute!,
    fate: fate!,
    remark: remark!,
    tests: tests!.split(' ').filter((name) => name !== ''),
  }));
}

/** Names in the tables that end each file of cases. */
function selftestNames(): Set<string> {
  const directory = join(moduleDirectory, 'selftests');
  const sources = readdirSync(directory).filter((name) => name.endsWith('.c'));
  const names = sources.flatMap((name) => {
    const source = readFileSync(join(directory, name), 'utf8');
    const tables = [...source.matchAll(/const struct test_case \w+\[\] = \{([\s\S]*?)\n\};/g)];
    return tables.flatMap(([, table]) =>
      [...table!.matchAll(/\{ "([a-z0-9-]+)",/g)].map((match) => match[1]!),
    );
  });
  return new Set(names);
}

describe('the state table', () => {
  it('says of each attribute one of four things', () => {
    const fates = new Set(rows().map(({ fate }) => fate));
    assert.deepEqual([...fates].sort(), ['from the caller', 'refused', 'reset', 'restored']);
    assert.ok(rows().length > 50, 'all rows are found in the source');
    assert.equal(new Set(rows().map(({ attribute }) => attribute)).size, rows().length);
  });

  it('names a test for each row, and each is there', () => {
    const known = new Set([...selftestNames(), ...scenarioNames()]);
    for (const { attribute, tests } of rows()) {
      assert.notEqual(tests.length, 0, `${attribute}: no test`);
      for (const test of tests) assert.ok(known.has(test), `${attribute}: there is no ${test}`);
    }
  });

  it('is the one in the docs, row by row', () => {
    const documented = readFileSync(join(moduleDirectory, 'docs/state-table.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(2)
      .map((line) =>
        line
          .slice(2, -2)
          .split(' | ')
          .map((cell) => cell.trim()),
      );
    const expected = rows().map(({ attribute, fate, remark, tests }) => [
      attribute,
      fate,
      remark,
      tests.map((name) => `\`${name}\``).join(' '),
    ]);
    assert.deepEqual(documented, expected);
  });
});
