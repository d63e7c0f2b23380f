import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../kernel-module/testbed/host-command.ts';
import { chosenKernels, requireKernel } from './on-each-kernel.ts';

/** What is typed, and the one line that answers it. No device is needed to get this far. */
const wrongs: [words: string, line: string | RegExp][] = [
  ['', 'a command is missing; run rforkctl help'],
  ['fork', /^there is no command fork; there are attach, .*, help$/],
  ['delete', "the checkpoint's number is missing; usage: rforkctl delete CHECKPOINT"],
  ['delete --force 5', '--force is not understood; usage: rforkctl delete CHECKPOINT'],
  ['delete five', 'the checkpoint\'s number is "five"; it must be a number'],
  ['delete 5x', 'the checkpoint\'s number is "5x"; it must be a number'],
  ['delete 0', "the checkpoint's number is 0; it must be at least 1"],
  ['delete 5 6', '6 is not understood; usage: rforkctl delete CHECKPOINT'],
  ['delete 5 -- true', '-- is not understood; usage: rforkctl delete CHECKPOINT'],
  ['checkpoint 4294967297', "the process's pid is 4294967297; it must be 1 .. 2147483647"],
  ['checkpoint 1 --inherit-fd 64', '--inherit-fd is 64; it must be 0 .. 63'],
  ['checkpoint 1 --drop files', '--drop is "files"; it must be locks, semaphores or settings'],
  ['checkpoint 1 --timeout-ms', /^--timeout-ms needs a value; usage: rforkctl checkpoint PID/],
  ['attach', /^--node is missing; usage: rforkctl attach --node N/],
  ['attach --node 16', '--node is 16; it must be 0 .. 15'],
  ['attach --node 0 --base 4G', /^attach takes either --dax, or --base and --size; usage: /],
  [
    'attach --node 0 --base 1T --size 512M',
    '--base is "1T"; it must be a number of bytes, such as 512M or 0x100000000',
  ],
  [
    'attach --node 0 --base 4G --size 99999999999G',
    '--size is "99999999999G"; it must be a number of bytes, such as 512M or 0x100000000',
  ],
  [
    `attach --node 0 --dax ${'x'.repeat(40)}`,
    `--dax is "${'x'.repeat(40)}"; it must be the name of a device, such as dax0.0`,
  ],
  [
    'attach --node 0 --machine 12345678901234567',
    '--machine is "12345678901234567"; it must be 1 .. 16 characters',
  ],
  ['format --coherence warm', '--coherence is "warm"; it must be hardware or software'],
  ['format --nodes 2K', '--nodes is "2K"; it must be a number'],
  ['restore 5 --leaves sideways', '--leaves is "sideways"; it must be attach or local'],
  [
    'restore 5 --placement x',
    '--placement is "x"; it must be migrate-on-write, migrate-on-access or migrate-now',
  ],
  [
    'restore 5 --placement migrate-now --placements f',
    '--placement and --placements exclude one another',
  ],
  ['restore 5 --pid old', '--pid is "old"; it must be new or keep'],
  ['scan', /^scan takes either --checkpoint or --pid; usage: /],
  ['scan --checkpoint 5 --pid 5', /^scan takes either --checkpoint or --pid; usage: /],
  ['scan --checkpoint 5 --start 7 --end 7', '--start 0x7 is not below --end 0x7'],
  ['hint', /^--checkpoint is missing; usage: /],
  ['migrate --pid 5', /^migrate takes either --addresses, or --start .*; usage: /],
  ['migrate --pid 5 --start 0 --addresses f', /^migrate takes either --addresses, or --start /],
  ['migrate --pid 5 --addresses f --count 2', /^migrate takes either --addresses, or --start /],
  ['migrate --pid 5 --addresses /no/f', '/no/f cannot be opened: No such file or directory'],
  ['migrate --pid 5 --start 0 --count 65537', '--count is 65537; it must be 1 .. 65536'],
  ['restrict --checkpoint 5', /^the program is missing; usage: /],
  ['recover', /^--node is missing; usage: /],
  [
    '--fd 77 info',
    '--fd 77: descriptor 77 is not open; it must be one of /dev/rfork that was handed over',
  ],
  ['--fd 0 info', /^descriptor 0 is not one of \/dev\/rfork/],
];

describe('rforkctl', function () {
  this.timeout(120_000);
  this.slow(5_000);
  let directory: string;

  before(async function () {
    await requireKernel(this, chosenKernels()[0]!);
    directory = await mkdtemp(join(tmpdir(), 'cxlsim-rforkctl-'));
    const source = join(import.meta.dirname, '../../kernel-module');
    await run('make', ['-s', '-C', source, `BUILD=${directory}`, 'tools']);
  });

  after(() => rm(directory, { recursive: true, force: true }));

  const call = (words: string[]) =>
    spawnSync(join(directory, 'rforkctl'), words, { encoding: 'utf8', input: '' });

  for (const [words, line] of wrongs) {
    it(`answers "${words}" with one line`, () => {
      for (const json of [[], ['--json']]) {
        const { status, stdout, stderr } = call([...json, ...words.split(' ').filter(Boolean)]);
        assert.equal(status, 1);
        assert.equal(stdout, '');
        const [, told, rest] = /^rforkctl: (.*)\n([\s\S]*)$/.exec(stderr)!;
        assert.equal(rest, '');
        if (typeof line === 'string') assert.equal(told, line);
        else assert.match(told!, line);
      }
    });
  }

  it('names every command in its help', () => {
    const { status, stdout } = call(['help']);
    assert.equal(status, 0);
    for (const name of ['attach', 'restore', 'restrict', 'recover', 'stats']) {
      assert.match(stdout, new RegExp(`^rforkctl \\[--json\\] \\[--fd N\\] ${name} `, 'm'));
    }
  });
});
