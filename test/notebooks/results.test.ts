import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needPrograms } from '../needed-programs.ts';

const folder = new URL('../../notebooks/', import.meta.url);
const notebooks = readdirSync(folder).filter((file) => file.endsWith('.ipynb'));

const measurements = `experiment,backend,mechanism,policy,workload,repetition,metric,value
toy,simulated,local-fork,none,bert,0,restore_ms,1
toy,simulated,local-fork,none,bert,0,faults_ms,2
toy,simulated,local-fork,none,bert,0,execution_ms,4
toy,simulated,local-fork,none,bert,0,end_to_end_ms,7.5
toy,simulated,cxlfork,hybrid,bert,0,restore_ms,8
toy,simulated,cxlfork,hybrid,bert,0,faults_ms,16
toy,simulated,cxlfork,hybrid,bert,0,execution_ms,32
toy,simulated,cxlfork,hybrid,bert,0,end_to_end_ms,56
`;

describe('notebooks', () => {
  for (const notebook of notebooks) {
    it(`${notebook} runs from top to bottom on results, with Python's standard library alone`, function () {
      needPrograms(this, ['python3']);
      const { cells } = JSON.parse(readFileSync(new URL(notebook, folder), 'utf8')) as {
        cells: { cell_type: string; source: string[] }[];
      };
      const code = cells
        .filter((cell) => cell.cell_type === 'code')
        .map((cell) => cell.source.join(''))
        .join('\n');
      const results = mkdtempSync(join(tmpdir(), 'cxlsim-notebook-'));
      try {
        writeFileSync(join(results, 'measurements.csv'), measurements);
        const env = { ...process.env, CXLSIM_RESULTS: results };
        const run = spawnSync('python3', ['-I', '-c', code], { env, encoding: 'utf8' });
        assert.equal(run.status, 0, run.stderr);
        assert.match(run.stdout, /local-fork +1\.00 +2\.00 +4\.00 +7\.50/);
        assert.match(run.stdout, /cxlfork, hybrid +8\.00 +16\.00 +32\.00 +56\.00/);
      } finally {
        rmSync(results, { recursive: true });
      }
    });
  }

  it('are there', () => {
    assert.notEqual(notebooks.length, 0);
  });
});
