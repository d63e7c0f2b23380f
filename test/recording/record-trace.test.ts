import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../sim/input/input-error.ts';
import { inspectTrace } from '../../sim/recording/inspect-trace.ts';
import { recordTrace } from '../../sim/recording/record-trace.ts';
import { readRecorderStream } from '../../sim/recording/recorder-stream.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { needPrograms } from '../needed-programs.ts';

/** Initialises 64 pages, then reads 16 of them and writes 8 others, four times. */
const program = `
#include <stdlib.h>
#include <unistd.h>
static const char begin[] = "cxlsim:invocation:begin\\n", end[] = "cxlsim:invocation:end\\n";
int main(void)
{
  volatile char *m = aligned_alloc(4096, 64 * 4096);
  int sum = 0;
  for (int i = 0; i < 64; i++) m[4096 * i] = i;
  for (int k = 0; k < 4; k++) {
    if (write(1, begin, sizeof begin - 1) < 0) return 1;
    for (int i = 0; i < 16; i++) sum += m[4096 * i];
    for (int i = 16; i < 24; i++) m[4096 * i] = sum;
    if (write(1, end, sizeof end - 1) < 0) return 1;
  }
  return 0;
}
`;

/** Crosses lines and pages, and writes 16 pages, gives 8 of them back, and writes all again. */
const exact = `
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
static const char begin[] = "cxlsim:invocation:begin\\n", end[] = "cxlsim:invocation:end\\n";
static char array[64 * 4096] __attribute__((aligned(4096)));
int main(void)
{
  volatile char *m = array;
  volatile long *w = (volatile long *)(array + 4092);
  char *given = mmap(0, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int k = 0; k < 2; k++) {
    if (write(1, begin, sizeof begin - 1) < 0) return 1;
    for (int i = 0; i < 5000; i++) { m[(i * 7919) % sizeof array] += i; *w += i; }
    memset(array + 100, k, 9000);
    memset(given, 1, 16 * 4096);
    if (write(1, end, sizeof end - 1) < 0) return 1;
    madvise(given, 8 * 4096, MADV_DONTNEED);
  }
  return 0;
}
`;

/** Marks as one write, and as print does it: the newline is a write of its own. */
const python = `import os
mark = os.open('/dev/null', os.O_WRONLY)
for i in range(3):
    os.write(mark, b'cxlsim:invocation:begin\\n')
    sum(range(1000 * i))
    print('cxlsim:invocation:end', flush=True)
`;

/** Loads, stores and fetched instructions of each page; an access that crosses a line counts twice. */
function lackeyCounts(log: string): Map<number, number[]> {
  const pages = new Map<number, number[]>();
  for (const line of log.split('\n')) {
    const [, kind, address, size] = /^(I | [LSM]) +([0-9a-f]+),(\d+)$/.exec(line) ?? [];
    if (kind === undefined) continue;
    const start = Number.parseInt(address!, 16);
    const last = kind === 'I ' ? start : start + Number(size) - 1;
    for (let at = Math.floor(start / 64); at <= Math.floor(last / 64); at += 1) {
      const page = Math.floor(at / 64);
      const counts = pages.get(page) ?? [0, 0, 0];
      if (kind === ' L' || kind === ' M') counts[0]! += 1;
      if (kind === ' S' || kind === ' M') counts[1]! += 1;
      if (kind === 'I ') counts[2]! += 1;
      pages.set(page, counts);
    }
  }
  return pages;
}

describe('a recorded program', function () {
  this.timeout(120_000);
  const folder = scratchFolder({ 'f.c': program, 'exact.c': exact, 'f.py': python });
  const binary = join(folder, 'f');

  before(function () {
    this.timeout(320_000);
    needPrograms(this, ['valgrind', 'cc', 'python3']);
    execFileSync('cc', ['-O1', '-o', binary, join(folder, 'f.c')]);
    execFileSync('cc', ['-O1', '-static', '-o', `${binary}-exact`, join(folder, 'exact.c')]);
  });

  it('touches in each invocation the pages it reads and writes, and rewrites those it wrote', async () => {
    const output = join(folder, 'c.cxltrace');
    await recordTrace({ command: [binary], output, llc_mb: 1, stdio: 'ignore' });
    const { invocations, init_pages, read_write_pages, read_only_pages, footprint_pages } =
      inspectTrace(output);
    assert.equal(invocations.length, 4);
    // Code, stack and the C library's data come on top of the 24 pages and 8 writes of the program.
    for (const { touched_pages, written_pages } of invocations.slice(1)) {
      assert.ok(touched_pages >= 24 && touched_pages <= 34, `${touched_pages} touched`);
      assert.ok(written_pages! >= 8 && written_pages! <= 12, `${written_pages} written`);
    }
    assert.ok(invocations.at(-1)!.rewritten_pages! >= 8);
    assert.ok(init_pages >= 40, `${init_pages} of initialisation only`);
    assert.equal(footprint_pages, init_pages + read_only_pages! + read_write_pages!);
    assert.equal(invocations.at(-1)!.llc_misses, 0);
  });

  it('has the accesses of each page that lackey counts, but for what the kernel touches', () => {
    const tool = join(folder, 'tool');
    const raw = join(folder, 'raw');
    const log = join(folder, 'lackey.log');
    mkdirSync(raw);
    const build = new URL('../../traces/recorder/build.sh', import.meta.url).pathname;
    execFileSync('sh', [build, tool]);
    // The same variables, as they lie on the program's stack.
    const run = (options: readonly string[]) =>
      execFileSync('valgrind', ['-q', ...options, `${binary}-exact`], {
        env: { PATH: process.env['PATH'], VALGRIND_LIB: tool },
      });
    run(['--tool=lackey', '--trace-mem=yes', `--log-file=${log}`]);
    run(['--tool=cxltrace', '--window-pages=3', `--trace-folder=${raw}`]);
    const expected = lackeyCounts(readFileSync(log, 'utf8'));
    const counted = new Map<number, number[]>();
    for (const record of readRecorderStream(join(raw, readdirSync(raw)[0]!))) {
      if (record.kind !== 'run') continue;
      const counts = counted.get(record.number) ?? [0, 0, 0];
      counted.set(
        record.number,
        counts.map((each, i) => each + record.counts[i]!),
      );
    }
    let by_kernel = 0;
    assert.deepEqual([...counted.keys()].sort(), [...expected.keys()].sort());
    for (const [page, counts] of counted) {
      const [loads, stores, fetches] = expected.get(page)!;
      assert.equal(counts[2], fetches);
      assert.ok(counts[0]! >= loads! && counts[1]! >= stores!, `page ${page}`);
      by_kernel += counts[0]! - loads! + counts[1]! - stores!;
    }
    assert.ok(by_kernel > 0 && by_kernel < 40, `${by_kernel} by the kernel`);
  });

  it('finds new pages where it gave them back by madvise', async () => {
    const output = join(folder, 'exact.cxltrace');
    await recordTrace({ command: [`${binary}-exact`], output, stdio: 'ignore' });
    const { invocations } = inspectTrace(output);
    assert.equal(invocations[1]!.new_pages, 8);
  });

  it('counts memory that looks like a file as anonymous', async () => {
    const source = fileURLToPath(new URL('import/fixtures/field/memfd.c', import.meta.url));
    const binary = join(folder, 'memfd');
    execFileSync('cc', ['-O1', '-o', binary, source]);
    const files: number[] = [];
    for (const kind of ['memfd', 'shared', 'private']) {
      const output = join(folder, `${kind}.cxltrace`);
      await recordTrace({ command: [binary, kind], output, stdio: 'ignore' });
      const { regions } = inspectTrace(output);
      assert.ok(regions.anonymous >= 200, kind);
      files.push(regions.file);
    }
    assert.ok(files.every((pages) => pages < 100));
  });

  it('of a pipeline is its shell alone, and says so', async () => {
    const loop = (body: string) =>
      `for i in 1 2 3; do echo cxlsim:invocation:begin; ${body}; echo cxlsim:invocation:end; done`;
    const output = join(folder, 'pipeline.cxltrace');
    const recorded = (text: string) =>
      recordTrace({ command: ['sh', '-c', text], output, stdio: 'ignore' });
    const { left_out, process } = await recorded(loop('seq 20 | sort | head -1'));
    assert.deepEqual([...new Set(left_out!.programs)].sort(), ['head', 'seq', 'sort']);
    assert.equal(left_out!.programs.length, 9);
    assert.ok(left_out!.instructions > process.instructions);
    // Before the first invocation, nothing is left out of one.
    assert.equal((await recorded(`seq 20 | sort; ${loop(':')}`)).left_out, undefined);
  });

  it('is found behind a shell, in Python as in C', async () => {
    const output = join(folder, 'python.cxltrace');
    const interpreter = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'])
      .toString()
      .trim();
    const command = ['sh', '-c', `${interpreter} -S -E ${join(folder, 'f.py')}; true`];
    await recordTrace({ command, output, stdio: 'ignore' });
    const { invocations } = inspectTrace(output);
    assert.equal(invocations.length, 3);
    assert.ok(invocations[2]!.gap > invocations[1]!.gap);
  });

  it('in Python gives the same bytes each time', async () => {
    const interpreter = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'])
      .toString()
      .trim();
    const [first, second] = ['first', 'second'].map((name) => join(folder, `${name}.cxltrace`));
    for (const output of [first!, second!]) {
      const command = [interpreter, '-S', join(folder, 'f.py')];
      await recordTrace({ command, output, stdio: 'ignore' });
    }
    assert.ok(readFileSync(first!).equals(readFileSync(second!)));
  });

  it('can be cut at the lines that it prints anyway', async () => {
    const script = join(folder, 'lines.sh');
    writeFileSync(script, 'echo up; for i in 1 2 3; do echo "done $i"; done\n');
    const output = join(folder, 'lines.cxltrace');
    const cut = { kind: 'output', text: 'done' } as const;
    const { totals } = await recordTrace({ command: ['sh', script], output, cut, stdio: 'ignore' });
    assert.equal(totals.invocations, 2);
  });

  it('on a NUMA node that is not there is refused', async () => {
    await assert.rejects(
      recordTrace({ command: ['true'], output: join(folder, 'numa.cxltrace'), memory_node: 1023 }),
      /--memory-node: there is no NUMA node 1023 here; expected .*/,
    );
  });

  it('that is interrupted leaves no file', async () => {
    const output = join(folder, 'stopped.cxltrace');
    const signal = AbortSignal.timeout(1000);
    const command = ['sh', '-c', 'while :; do :; done'];
    await assert.rejects(recordTrace({ command, output, signal, stdio: 'ignore' }), /abort/);
    assert.equal(existsSync(output), false);
  });

  it('without marks is refused, with the programs that ran, and leaves no file', async () => {
    const output = join(folder, 'none.cxltrace');
    await assert.rejects(
      recordTrace({ command: ['sh', '-c', 'true'], output, stdio: 'ignore' }),
      (error) =>
        error instanceof InputError &&
        /no invocation was marked in 1 process \(1 (da)?sh\); write the line/.test(error.message),
    );
    assert.equal(existsSync(output), false);
  });

  it('ends with all that it started when it is stopped, though it does not want to', async () => {
    const pids = join(folder, 'pids');
    const loop = "trap '' TERM INT; echo $$ >> pids; while :; do sleep 0.1; done";
    writeFileSync(join(folder, 'inner.sh'), loop.replace('pids', pids));
    writeFileSync(join(folder, 'outer.sh'), `sh ${folder}/inner.sh & sh ${folder}/inner.sh; wait`);
    const stopping = new AbortController();
    const recording = recordTrace({
      command: ['sh', join(folder, 'outer.sh')],
      output: join(folder, 'stopped.cxltrace'),
      signal: stopping.signal,
      stdio: 'ignore',
      onProgress: () => {
        if (existsSync(pids) && started().length === 2) stopping.abort();
      },
    });
    const started = () => readFileSync(pids, 'utf8').trim().split('\n');
    await assert.rejects(recording, /abort/);
    const runs = (pid: string) =>
      existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
    for (let wait = 0; wait < 3000 && started().some(runs); wait += 1) {
      await setTimeout(100);
    }
    assert.deepEqual(started().filter(runs), []);
  });

  it('whose invocation does not end is refused', async () => {
    const script = join(folder, 'open.sh');
    writeFileSync(script, 'echo cxlsim:invocation:begin\n');
    await assert.rejects(
      recordTrace({
        command: ['sh', script],
        output: join(folder, 'open.cxltrace'),
        stdio: 'ignore',
      }),
      /ends within an invocation; expected marks that pair/,
    );
  });
});
