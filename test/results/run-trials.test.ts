/** Laws of running and storing trials: nothing lost, nothing mixed, the same bytes however run. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Scalar } from '../../sim/backend.ts';
import type { Experiment } from '../../sim/experiment/experiment.ts';
import { readMeasurements } from '../../sim/results/measurements-csv.ts';
import { type RunOptions, runTrials } from '../../sim/results/run-trials.ts';
import type { LiveFunction } from '../../sim/workload/live-function.ts';
import { arbitraryRecording, liveOf } from '../arbitrary-recording.ts';
import { experimentOf, trialsOf } from './experiment-of.ts';

const backends = new URL('./arithmetic-backend.ts', import.meta.url).href;

let directory: string;

function run(
  experiment: Experiment,
  options: Partial<RunOptions> & { settings?: Record<string, Scalar> } = {},
) {
  const trials = options.trials ?? trialsOf(experiment, options.settings);
  return runTrials({ experiment, trials, directory, jobs: 1, backends, ...options });
}

const stored = (name: string) => readFileSync(join(directory, name), 'utf8');

describe('run-trials', () => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cxlsim-run-trials-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('stores one row per trial and metric, in trial order', async () => {
    const experiment = experimentOf({ mechanisms: ['cold-start', 'criu'], repetitions: 2 });
    const result = await run(experiment);
    assert.deepEqual(
      {
        total: result.total,
        done: result.done,
        kept: result.kept,
        interrupted: result.interrupted,
      },
      { total: 4, done: 4, kept: 0, interrupted: false },
    );
    assert.equal(
      stored('measurements.csv'),
      [
        'experiment,backend,mechanism,policy,workload,repetition,metric,value',
        'example,arithmetic,cold-start,none,float,0,restore_ms,0',
        'example,arithmetic,cold-start,none,float,0,end_to_end_ms,0.5',
        'example,arithmetic,cold-start,none,float,1,restore_ms,1',
        'example,arithmetic,cold-start,none,float,1,end_to_end_ms,1.5',
        'example,arithmetic,criu,none,float,0,restore_ms,2',
        'example,arithmetic,criu,none,float,0,end_to_end_ms,2.5',
        'example,arithmetic,criu,none,float,1,restore_ms,3',
        'example,arithmetic,criu,none,float,1,end_to_end_ms,3.5',
        '',
      ].join('\n'),
    );
  });

  it('gives a swept key a column of its own', async () => {
    const path = 'fabric.cxl.latency_ns';
    await run(experimentOf({ sweep: [{ path, values: [100, 400] }] }));
    const { rows, swept } = readMeasurements(stored('measurements.csv'));
    assert.deepEqual(swept, [path]);
    assert.deepEqual([...new Set(rows.map((row) => row.swept[path]))], ['100', '400']);
  });

  it('writes the same bytes with any number of jobs', async () => {
    const experiment = experimentOf({
      mechanisms: ['cold-start', 'criu', 'mitosis'],
      repetitions: 5,
    });
    const texts = [];
    for (const jobs of [1, 2, 3]) {
      await run(experiment, { jobs, directory: join(directory, `${jobs}`) });
      texts.push(stored(`${jobs}/measurements.csv`));
    }
    assert.equal(new Set(texts).size, 1);
    assert.equal(readMeasurements(texts[0]!).rows.length, 30);
  });

  for (const jobs of [1, 2]) {
    it(`keeps a failed trial's reason and runs the rest, with ${jobs} jobs`, async () => {
      const experiment = experimentOf({ repetitions: 4 });
      const result = await run(experiment, { jobs, settings: { throw_at: 2 } });
      assert.deepEqual([result.done, result.failed, result.interrupted], [3, 1, false]);
      assert.deepEqual(
        result.failures.map(({ reason, count }) => [reason, count]),
        [['trial 2 was told to throw', 1]],
      );
    });

    it(`fails a trial whose measurement is no number, with ${jobs} jobs`, async () => {
      const result = await run(experimentOf({ repetitions: 3 }), { jobs, settings: { nan_at: 1 } });
      assert.deepEqual(
        result.failures.map(({ reason }) => reason),
        ['backend arithmetic measured restore_ms = NaN; expected a number from 0 up'],
      );
      assert.ok(!stored('measurements.csv').includes('NaN'));
    });

    it(`fails a trial whose series has a point below zero, with ${jobs} jobs`, async () => {
      const settings = { below_zero_at: 1 };
      const result = await run(experimentOf({ repetitions: 3 }), { jobs, settings });
      assert.deepEqual([result.done, result.failures.length], [2, 1]);
      assert.match(
        result.failures[0]!.reason,
        /^backend arithmetic measured a series node_memory_mb; expected .*, none below 0$/,
      );
    });

    it(`counts skipped trials once per reason, with ${jobs} jobs`, async () => {
      const experiment = experimentOf({ mechanisms: ['criu', 'cxlfork'], repetitions: 3 });
      const result = await run(experiment, { jobs, settings: { skip: 'criu' } });
      assert.deepEqual([result.done, result.skipped], [3, 3]);
      assert.deepEqual(result.skips, [
        {
          reason: 'criu was told to be skipped',
          count: 3,
          mechanisms: ['criu'],
          policies: ['none'],
          workloads: ['float'],
        },
      ]);
      assert.deepEqual(JSON.parse(stored('manifest.json')).skipped, result.skips);
    });
  }

  it('survives a worker thread that exits in the middle of a trial', async () => {
    const result = await run(experimentOf({ repetitions: 6 }), {
      jobs: 2,
      settings: { exit_at: 3 },
    });
    assert.deepEqual([result.done, result.failed], [5, 1]);
    assert.equal(result.failures[0]?.reason, 'the worker thread crashed: exit code 7');
  });

  it('survives an error that a worker thread throws outside of any trial', async () => {
    const settings = { throw_outside_at: 1 };
    const result = await run(experimentOf({ repetitions: 4 }), { jobs: 2, settings });
    assert.deepEqual([result.done, result.failed], [3, 1]);
    assert.equal(
      result.failures[0]?.reason,
      'the worker thread crashed: thrown outside of trial 1',
    );
  });

  it('runs again only what is missing or failed', async () => {
    const experiment = experimentOf({ repetitions: 5 });
    const ran = join(directory, 'ran');
    const settings = { log: ran, throw_once_at: 3, once: join(directory, 'once') };
    const first = await run(experiment, { settings });
    assert.deepEqual([first.done, first.failed], [4, 1]);
    writeFileSync(ran, '');
    const second = await run(experiment, { settings });
    assert.deepEqual([second.done, second.failed, second.kept], [5, 0, 4]);
    assert.equal(readFileSync(ran, 'utf8'), '3\n');
  });

  it('continues after an interruption to the bytes of an uninterrupted run', async () => {
    const experiment = experimentOf({ repetitions: 6 });
    const whole = join(directory, 'whole');
    await run(experiment, { directory: whole });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 6 }),
        fc.constantFrom(1, 1, 1, 2),
        async (at, jobs) => {
          rmSync(join(directory, 'part'), { recursive: true, force: true });
          const stop = new AbortController();
          const part = join(directory, 'part');
          const first = await run(experiment, {
            directory: part,
            jobs,
            signal: stop.signal,
            onProgress: ({ finished }) => finished >= at && stop.abort(),
          });
          assert.equal(first.interrupted, first.done < 6);
          const second = await run(experiment, { directory: part, jobs });
          assert.deepEqual([second.done, second.kept, second.interrupted], [6, first.done, false]);
          assert.equal(stored('part/measurements.csv'), stored('whole/measurements.csv'));
        },
      ),
      { numRuns: 8 },
    );
  });

  it('refuses the directory of another configuration and leaves it as it is', async () => {
    await run(experimentOf({ seed: 1 }));
    const before = readdirSync(directory).map((name) => [name, stored(name)]);
    await assert.rejects(run(experimentOf({ seed: 2 })), {
      name: 'InputError',
      message:
        `${join(directory, 'journal.jsonl')}: the directory holds results of another configuration: ` +
        'seed was 1 and is 2; ' +
        'choose another directory with --out, or begin anew in this one with --fresh',
    });
    assert.deepEqual(
      readdirSync(directory).map((name) => [name, stored(name)]),
      before,
    );
  });

  it('continues where a function could not be recorded at first, and never with another recording', async () => {
    const [first, second] = fc.sample(arbitraryRecording, { numRuns: 2, seed: 1 });
    const { recording, ...unrecorded } = liveOf(first!);
    const of = (workload: LiveFunction) => run(experimentOf({ workloads: [workload] }));
    assert.equal((await of(unrecorded)).done, 1);
    assert.equal((await of({ ...unrecorded, recording: recording! })).kept, 1);
    assert.equal((await of({ ...unrecorded, recording: recording! })).kept, 1);
    await assert.rejects(of({ ...unrecorded, recording: second! }), /another recording of/);
    await assert.rejects(of({ ...unrecorded, description: 'another' }), /another configuration/);
  });

  it('leaves no lock and no partial file behind', async () => {
    await run(experimentOf({}));
    assert.deepEqual(readdirSync(directory).sort(), [
      'journal.jsonl',
      'manifest.json',
      'measurements.csv',
    ]);
  });

  it('reports progress up to the number of trials', async () => {
    const seen: number[] = [];
    await run(experimentOf({ repetitions: 3 }), {
      onProgress: ({ finished, total }) => {
        assert.equal(total, 3);
        seen.push(finished);
      },
    });
    assert.deepEqual(seen, [0, 1, 2, 3]);
  });

  it('runs trials of a backend that owns machines one after the other, beside the others’ workers', async () => {
    const experiment = experimentOf({ repetitions: 8 });
    const trials = trialsOf(experiment).map((trial) => ({
      ...trial,
      backend: trial.index % 2 === 0 ? 'machine' : 'computed',
    }));
    const { done } = await run(experiment, {
      trials,
      jobs: 3,
      backends: new URL('./machine-backend.ts', import.meta.url).href,
    });
    assert.equal(done, 8);
    const { rows } = readMeasurements(stored('measurements.csv'));
    assert.deepEqual(
      rows.map(({ value }) => value),
      Array(8).fill(1),
    );
  });
});
