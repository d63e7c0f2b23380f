/** Laws of keeping results when the process is killed or the device is full. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { runTrials } from '../../sim/results/run-trials.ts';
import { experimentOf, trialsOf } from './experiment-of.ts';

const child = fileURLToPath(new URL('./run-child.ts', import.meta.url));
const backends = new URL('./arithmetic-backend.ts', import.meta.url).href;
const program = `"${process.execPath}" --import tsx "${child}"`;

function runHere(directory: string, repetitions: number, settings = {}) {
  const experiment = experimentOf({ repetitions });
  const trials = trialsOf(experiment, settings);
  return runTrials({ experiment, trials, directory, jobs: 1, backends });
}

describe('stored results', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cxlsim-storage-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('outlive a killed process: the next run does the rest and ends with the same bytes', async () => {
    const settings = { delay_ms: 20 };
    const killed = join(directory, 'killed');
    const words = ['--import', 'tsx', child, killed, '30', JSON.stringify(settings)];
    const running = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const finished of createInterface(running.stdout)) {
      if (Number(finished) >= 3) running.kill('SIGKILL');
    }
    if (running.signalCode === null) await once(running, 'exit');
    assert.equal(running.signalCode, 'SIGKILL');
    assert.ok(!existsSync(join(killed, 'measurements.csv')));

    const result = await runHere(killed, 30, settings);
    assert.ok(result.kept >= 3 && result.kept < 30, `${result.kept} kept`);
    await runHere(join(directory, 'whole'), 30, settings);
    const bytes = (name: string) => readFileSync(join(directory, name, 'measurements.csv'), 'utf8');
    assert.equal(bytes('killed'), bytes('whole'));
    assert.deepEqual(readdirSync(killed).sort(), [
      'journal.jsonl',
      'manifest.json',
      'measurements.csv',
    ]);
  });

  it('end in one line when a file may not grow, with finished trials kept and nothing torn', async function () {
    if (process.platform === 'win32') this.skip();
    const limited = join(directory, 'limited');
    // 4 blocks of 512 bytes (1024 in some shells) hold a few trials of about 90 bytes.
    const run = spawnSync(
      'sh',
      ['-c', `trap '' XFSZ; ulimit -f 4; exec ${program} "$0" 200 '{}'`, limited],
      { encoding: 'utf8' },
    );
    assert.equal(run.status, 2, run.stderr);
    const path = join(limited, 'journal.jsonl');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const kept = lines.length - 1;
    assert.equal(
      run.stderr,
      `${path}: the file would grow over the allowed size; make room and run the same command ` +
        `again: ${kept} finished trials are kept\n`,
    );
    assert.ok(kept >= 3);
    for (const line of lines) JSON.parse(line);
    assert.deepEqual(readdirSync(limited), ['journal.jsonl']);

    const result = await runHere(limited, 200);
    assert.deepEqual([result.done, result.kept], [200, kept]);
  });

  it('end in one line when the device is full, and continue when there is room', function () {
    const mount = join(directory, 'mount');
    mkdirSync(mount);
    // A file system of 32 KiB of its own, in a mount namespace that ends with the shell.
    const script = [
      `mount -t tmpfs -o size=32k none "${mount}" || exit 77`,
      `${program} "${mount}/out" 600 '{}' > "${directory}/first" 2>&1`,
      `echo $? >> "${directory}/first"`,
      `ls "${mount}/out" > "${directory}/left"`,
      `mount -o remount,size=8m "${mount}"`,
      `${program} "${mount}/out" 600 '{}' > "${directory}/second" 2>&1`,
    ].join('\n');
    const run = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', script], {
      encoding: 'utf8',
    });
    // Not every host lets a test mount a file system.
    if (run.error || run.status === 77 || /unshare/.test(run.stderr)) this.skip();
    const lines = (name: string) =>
      readFileSync(join(directory, name), 'utf8').trimEnd().split('\n');
    const [message, status] = lines('first').slice(-2);
    assert.equal(status, '2');
    const [, kept] =
      /^.*journal\.jsonl: no space left on the device; .*: (\d+) finished trials are kept$/.exec(
        message!,
      ) ?? assert.fail(message);
    assert.ok(Number(kept) > 10);
    assert.deepEqual(lines('left'), ['journal.jsonl']);
    const second = JSON.parse(lines('second').at(-1)!);
    assert.deepEqual([second.done, second.kept], [600, Number(kept)]);
  });

  it('end in one line where the directory cannot be', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    await assert.rejects(runHere(join(file, 'out'), 1), {
      name: 'InputError',
      message: `${join(file, 'out')}: a part of the path is not a directory; choose another directory with --out`,
    });
    await assert.rejects(runHere(file, 1), {
      name: 'InputError',
      message: `${file}: this is a file where a directory is needed; choose another directory with --out`,
    });
  });
});
