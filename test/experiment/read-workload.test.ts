/** Workload and policy files that an experiment names: their names, and what is wrong in them. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { traceBytes } from '../workload/traces.ts';
import { scratchFolder } from './scratch-folder.ts';
import { complaint, sound } from './sound-experiment.ts';

const profile = `kind: profile
description: x
source: x
footprint_mb: 10
init_share: 0.5
read_only_share: 0.3
read_write_share: 0.2
touched_mb: 5
written_mb: 2
clean_file_mb: 1
accessed_share: 0.1
rewritten_share: 0.95
run_pages: 2
warm_ms: 1
local_fork_execution_ms: 1
local_fork_faults_ms: 1
cold_start_ms: 10
`;

const traced = `kind: trace
description: x
source: x
file: a.cxltrace
sha256: ${'a'.repeat(64)}
`;

const live = `kind: live
description: x
source: x
caveat: x
program: f.py
warm_ms: 1
initialisation_ms: 1
`;

describe('files whose names are taken', () => {
  const policy = "export default { description: 'x', place: () => 'migrate-now' };\n";

  for (const name of ['hybrid', 'cxlfork', 'kernel', 'fake', 'none', 'cold-start']) {
    it(`stop with one line: a policy ${name}`, async () => {
      const folder = scratchFolder({
        'x.yaml': sound.replace('[hybrid]', `[./${name}.ts]`),
        [`${name}.ts`]: policy,
      });
      assert.equal(
        await complaint(join(folder, 'x.yaml')),
        `x.yaml:3:12: the name ${name} is taken; expected another file name: results go by it`,
      );
    });
  }

  it('stop with one line: two policies of one name', async () => {
    const folder = scratchFolder({
      'x.yaml': sound.replace('[hybrid]', '[a/mine.ts, b/mine.ts]'),
      'a/mine.ts': policy,
      'b/mine.ts': policy,
    });
    assert.equal(
      await complaint(join(folder, 'x.yaml')),
      'x.yaml:3:23: the name mine is taken; expected another file name: results go by it',
    );
  });

  it('stop with one line: a workload float', async () => {
    const folder = scratchFolder({
      'x.yaml': sound.replace('[float]', '[./float.yaml]'),
      'float.yaml': profile,
    });
    assert.equal(
      await complaint(join(folder, 'x.yaml')),
      'x.yaml:4:13: results go by the name of the file, and a shipped workload is named float, too; expected a copy named my-float.yaml',
    );
  });
});

describe('a workload file', () => {
  const loaded = async (files: Record<string, string | Uint8Array>) => {
    const text = sound.replace('[float]', '[./w.yaml]');
    return join(scratchFolder({ 'x.yaml': text, ...files }), 'x.yaml');
  };

  it("runs under its file's name", async () => {
    const { workloads } = await loadExperiment(await loaded({ 'w.yaml': profile }));
    assert.equal(workloads[0]?.name, 'w');
  });

  it('may not contradict itself under swept fields either', async () => {
    const file = await loaded({ 'w.yaml': profile });
    const text = `${readFileSync(file, 'utf8')}sweep: {workload.written_mb: [1, 16000]}\n`;
    writeFileSync(file, text);
    assert.equal(
      await complaint(file),
      'x.yaml:6:9: workload w with written_mb = 16000: written_mb is 16000, more than touched_mb (5); expected at most that, since what is written is touched, too',
    );
    assert.equal(
      await complaint(file, { set: ['workload.written_mb=6'] }),
      '--set workload.written_mb=6: workload w with written_mb = 6: written_mb is 6, more than touched_mb (5); expected at most that, since what is written is touched, too',
    );
  });

  for (const [what, files, message] of [
    [
      'no kind',
      { 'w.yaml': 'a: 1\n' },
      /^w\.yaml:1:1: kind is missing; expected profile, trace, live or llm/,
    ],
    [
      'a kind there is not',
      { 'w.yaml': 'kind: x\n' },
      /^w\.yaml:1:7: kind is "x"; expected profile, trace/,
    ],
    [
      'a misspelt field',
      { 'w.yaml': profile.replace('warm_ms', 'warm_us') },
      /^w\.yaml:14:1: warm_us is not a key; did you mean warm_ms\?$/,
    ],
    [
      'shares that do not sum to one',
      { 'w.yaml': profile.replace('init_share: 0.5', 'init_share: 0.4') },
      /^w\.yaml:5:13: init_share, .* sum to 0.9; expected 1, within 0.001$/,
    ],
    [
      'a list that is none',
      { 'w.yaml': `${live}with: helper.py\n`, 'f.py': '' },
      /^w\.yaml:8:7: with is "helper\.py"; expected a list$/,
    ],
    [
      'two files that would lie in one place',
      { 'w.yaml': `${live}with: [a/f.py]\n`, 'f.py': '', 'a/f.py': '' },
      /^w\.yaml:8:8: a second file named f\.py; expected files of different names$/,
    ],
    [
      'a source of a field there is not',
      { 'w.yaml': `${profile}sources:\n  warm_us: x\n` },
      /^w\.yaml:19:3: sources\.warm_us is not a key; did you mean warm_ms\?$/,
    ],
    [
      'a source of what all objects have',
      { 'w.yaml': `${profile}sources:\n  __proto__: x\n` },
      /^w\.yaml:19:3: sources\.__proto__ is not a key; expected another word$/,
    ],
    [
      'a trace that is not there',
      { 'w.yaml': traced },
      /^w\.yaml:4:7: there is no file a\.cxltrace; name a recorded trace \(\.cxltrace\)$/,
    ],
  ] as const) {
    it(`with ${what} stops with one line`, async () => {
      assert.match(await complaint(await loaded(files)), message);
    });
  }

  describe('of a trace', () => {
    const run = { kind: 'run', gap: 1, page: 0, counts: [1, 0, 0, 0, 0, 0] } as const;
    const bytes = traceBytes([
      { kind: 'page', number: 3, region: 'heap' },
      { kind: 'begin', gap: 1 },
      run,
      { kind: 'end', gap: 1 },
    ]);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const yaml = traced.replace('a'.repeat(64), sha256);
    const withTrace = async (trace: Uint8Array, text = yaml) =>
      loaded({ 'w.yaml': text, 'a.cxltrace': trace });

    it('may lie anywhere', async () => {
      const { workloads } = await loadExperiment(await withTrace(bytes));
      assert.equal(workloads[0]?.kind, 'trace');
    });

    it('may be named without a description, and then says what is assumed', async () => {
      const text = sound.replace('[float]', '[./a.cxltrace]');
      const file = join(scratchFolder({ 'x.yaml': text, 'a.cxltrace': bytes }), 'x.yaml');
      const { workloads } = await loadExperiment(file);
      const [workload] = workloads;
      assert.ok(workload?.kind === 'trace');
      assert.equal(workload.name, 'a');
      assert.match(workload.caveat, /Assumed: 2\.1 instructions a ns/);
      assert.ok('instructions_per_ns' in workload.assumed);
    });

    it('that was cut short stops with one line', async () => {
      const at = bytes.length - 5;
      assert.equal(
        await complaint(await withTrace(bytes.subarray(0, at))),
        `a.cxltrace:byte ${at}: is cut short; expected the file as it was recorded`,
      );
    });

    it('that is another version stops with one line', async () => {
      const other = traced.replace('a'.repeat(64), 'b'.repeat(64));
      assert.equal(
        await complaint(await withTrace(bytes, other)),
        `w.yaml:5:9: a.cxltrace is another version: its SHA-256 is ${sha256}; expected ${'b'.repeat(64)}`,
      );
    });

    it('that is none stops with one line', async () => {
      assert.equal(
        await complaint(await withTrace(Buffer.from('#!/bin/sh of more than 20 bytes\n'))),
        'a.cxltrace:byte 0: is no recorded trace; expected a file that begins with CXLTRACE',
      );
    });
  });
});
