import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { usualJobs } from '../../sim/cli/usual-jobs.ts';
import { expand } from '../../sim/experiment/expand.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { fakeExperiment } from './cxlsim.ts';

const bert = 'experiments/bert.yaml';
const jobsOf = async (...words: Parameters<typeof loadExperiment>) =>
  usualJobs(expand(await loadExperiment(...words)));

describe('trials that run at the same time where nobody says', () => {
  it('are as many as processors for a large simulation', async () => {
    assert.equal(await jobsOf(bert, { repetitions: '9' }), Math.min(availableParallelism(), 3));
  });

  it('are one for a small simulation, and on other backends', async () => {
    assert.equal(await jobsOf(bert), 1);
    assert.equal(await jobsOf(bert, { workloads: ['float'] }), 1);
    assert.equal(await jobsOf(`${scratchFolder({ 'x.yaml': fakeExperiment() })}/x.yaml`), 1);
  });

  it('are one under a policy from a file', async () => {
    const text = "export default { description: 'x', place: () => 'migrate-now' };\n";
    const policy = `${scratchFolder({ 'mine.mjs': text })}/mine.mjs`;
    assert.equal(await jobsOf(bert, { policies: [policy] }), 1);
  });
});
