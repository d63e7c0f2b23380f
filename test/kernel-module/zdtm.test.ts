import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import {
  leftOut,
  listedPrograms,
  readDescription,
  startCommands,
} from '../../kernel-module/testbed/zdtm/programs.ts';
import { readTable, whatIsWorse, writeTable } from '../../kernel-module/testbed/zdtm/table.ts';
import {
  type End,
  isWorse,
  judge,
  type Observation,
  verdictNames,
} from '../../kernel-module/testbed/zdtm/verdict.ts';

const passed: End = { ended: true, reported: true, report: '10:00:00.001:   12: PASS\n' };
const failed: End = {
  ended: true,
  reported: true,
  report:
    '10:00:00.001:   12: FAIL: cwd00.c:46: not there (errno = 2 (No such file or directory))\n',
};
const silent: End = { ended: true, reported: false, report: '{"pid":7}\n' };
const skipping: End = {
  ended: true,
  reported: true,
  report: 'a: 1: SKIP: x.c:1: SELinux not found on this system.\na: 1: PASS\n',
};
const hung: End = { ended: false, reported: false, report: '' };

describe('the choice among ZDTM’s programs', () => {
  it('is of those that CRIU’s harness runs by itself on the host', () => {
    const chosen = (text: string) => leftOut(readDescription(text)) === undefined;
    assert.ok(chosen(''), 'no description');
    assert.ok(chosen("{'flavor': 'ns h', 'flags': 'suid nolazy'}"));
    assert.ok(chosen("# why\n{   'feature': 'x',\n    'arch': 'x86_64 aarch64'}"));
    assert.ok(!chosen('{\'flavor\' : "ns uns"}'));
    assert.ok(!chosen('{"flags": "suid noauto"}'));
    assert.ok(!chosen("{'arch': 's390x'}"));
  });

  it('is among the names of the Makefile’s lists, not of its variables', () => {
    const makefile =
      'TST_NOFILE\t:=\t\\\n\tpid00\t\\\n\tcaps00 # not this\n\nifeq (x)\nTST_NOFILE += bpf\nendif\nTST = \\\n\t$(TST_NOFILE) \\\n\tenv00\nSRC = other.c\n';
    assert.deepEqual(listedPrograms(makefile), ['bpf', 'caps00', 'env00', 'pid00']);
  });

  it('takes a program’s command from what make would do', () => {
    const commands = startCommands(
      'make: entering\n./env00 --pidfile=env00.pid --outfile=env00.out --envname=A\n./cwd00 --pidfile=cwd00.pid\n',
    );
    assert.deepEqual([...commands.keys()], ['env00', 'cwd00']);
    assert.match(commands.get('env00')!, /--envname=A$/);
  });
});

describe('a verdict on one of ZDTM’s programs', () => {
  const restored = (differs: string[], child: End & { code: number }): Observation => ({
    control: passed,
    checkpoint: {},
    restore: { differs },
    child,
  });

  it('is of the program alone where it fails or skips without a checkpoint', () => {
    for (const control of [failed, silent, skipping, hung]) {
      assert.equal(judge({ control }).verdict, 'does not pass alone');
    }
  });

  it('tells a refusal of the checkpoint from one of the restore', () => {
    const refusal = 'children: process 445 has child processes (EOPNOTSUPP)';
    assert.deepEqual(judge({ control: passed, checkpoint: { refusal } }), {
      verdict: 'refused',
      reason: 'children: process has child processes (EOPNOTSUPP)',
    });
    const restore = { refusal, differs: [] };
    assert.equal(judge({ control: passed, checkpoint: {}, restore }).verdict, 'refused at restore');
  });

  it('is "changed" where nothing was said of what the program misses, else "told"', () => {
    const child = { ...failed, code: 1 };
    assert.deepEqual(judge(restored(['session'], child)), {
      verdict: 'changed',
      reason: 'FAIL: cwd00.c:46: not there',
    });
    assert.equal(judge(restored(['session', 'cgroup'], child)).verdict, 'told');
    assert.equal(judge(restored(['cgroup'], { ...passed, code: 0 })).verdict, 'passes');
  });

  it('is "lost" where the child ends without a report or not at all, whatever was said', () => {
    for (const end of [silent, hung]) {
      assert.equal(judge(restored(['cgroup'], { ...end, code: 139 })).verdict, 'lost');
    }
  });

  it('is worse than another or not, in one order', () => {
    const name = fc.constantFrom(...verdictNames);
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        assert.ok(!(isWorse(a, b) && isWorse(b, a)));
        if (isWorse(a, b) && isWorse(b, c)) assert.ok(isWorse(a, c));
      }),
    );
    assert.ok(isWorse('changed', 'refused') && isWorse('refused', 'passes'));
  });
});

describe('the table of verdicts', () => {
  it('is read as it was written', () => {
    const verdicts = new Map([
      ['a', { verdict: 'passes', reason: '' }],
      ['b-2', { verdict: 'refused at restore', reason: 'one, "two"' }],
    ] as const);
    const known = readTable('f', writeTable('how', verdicts));
    assert.deepEqual(
      [...known],
      [...verdicts].map(([name, { verdict }]) => [name, verdict]),
    );
  });

  it('names file, line and column of a word that is no verdict', () => {
    assert.throws(
      () => readTable('f.csv', '# how\nprogram,verdict,reason\nabc,good,""\n'),
      /^Error: f\.csv:3:5: good: expected one of passes, /,
    );
  });

  it('shows what has become worse, is unknown and worse than refused, or has no verdict', () => {
    const now = new Map([
      ['a', { verdict: 'lost', reason: '' }],
      ['b', { verdict: 'passes', reason: '' }],
      ['new', { verdict: 'changed', reason: '' }],
    ] as const);
    const known = new Map([
      ['a', 'refused'],
      ['b', 'refused'],
      ['c', 'passes'],
    ] as const);
    assert.deepEqual(whatIsWorse(['a', 'b', 'c', 'new'], now, known), [
      'a: lost, and was: refused',
      'c: has no verdict',
      'new: changed, and was: refused',
    ]);
  });
});

describe('npm run zdtm', () => {
  it('answers an unknown kernel with one line, before anything is fetched', () => {
    const tool = fileURLToPath(new URL('../../kernel-module/testbed/zdtm/run.ts', import.meta.url));
    const command = ['--import=tsx', tool, '--kernel', '5'];
    const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    assert.equal(stderr, '--kernel 5: expected one of 6.1, 6.12, 6.12-debug\n');
    assert.equal(status, 1);
  });
});
