import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { OpenBackends } from '../../sim/backends/open-backends.ts';
import { Recorder } from '../../sim/backends/recorder.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { withRecordings } from '../../sim/results/recordings.ts';
import { recordingSchema } from '../../sim/workload/live-description.ts';
import { arbitraryRecording } from '../arbitrary-recording.ts';

describe('recordings beside results', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cxlsim-test-'));
    mkdirSync(join(folder, 'recordings'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const read = async (text: string) => {
    writeFileSync(join(folder, 'recordings', 'live-resident.json'), text);
    const loaded = await loadExperiment('experiments/agree.yaml', {
      backends: ['simulated'],
      workloads: ['live-resident'],
    });
    const { experiment } = await withRecordings(
      loaded,
      folder,
      new Recorder(loaded, new OpenBackends({ directory: folder })),
      new AbortController().signal,
      () => assert.fail('nothing is recorded'),
    );
    const [workload] = experiment.workloads;
    return workload?.kind === 'live' ? workload.recording : undefined;
  };

  it('come back as they were written', async () => {
    const [recording] = fc.sample(arbitraryRecording, { numRuns: 1, seed: 1 });
    assert.deepEqual(await read(JSON.stringify(recording)), recording);
  });

  it('are what the schema allows, whatever was recorded', () => {
    fc.assert(
      fc.property(arbitraryRecording, (recording) => {
        assert.deepEqual(recordingSchema.parse(recording), recording);
      }),
    );
  });

  const right = 'remove it, and it is recorded anew';
  for (const [what, text, message] of [
    ['a text that is no JSON', '{"format":', /live-resident\.json: is no JSON: .*; remove it/],
    ['another format', '{"format":1}', /live-resident\.json: format: .*; remove it/],
    ['a region that is not there', undefined, /names a region that is not there; remove it/],
  ] as const) {
    it(`stop the run with one line that says how to go on: ${what}`, async () => {
      const [recording] = fc.sample(arbitraryRecording, { numRuns: 1, seed: 1 });
      const damaged = JSON.stringify({ ...recording, regions: [] });
      await assert.rejects(read(text ?? damaged), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.includes(right));
        assert.equal(error.message.split('\n').length, 1);
        return true;
      });
    });
  }
});
