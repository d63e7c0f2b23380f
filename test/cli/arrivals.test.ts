import assert from 'node:assert/strict';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { cxlsim } from './cxlsim.ts';

const described =
  'kind: table\ndescription: mine\nsource: counted\nfile: mine.csv\nspacing: equidistant\n';
const header = 'function,from_s,to_s,invocations,duration_ms,memory_mb\n';

function folderWith(rows: string, yaml = described): string {
  return scratchFolder({ 'mine.yaml': yaml, 'mine.csv': `${header}${rows}` });
}

describe('cxlsim arrivals', function () {
  this.timeout(60_000);

  it('tells how many requests come, when, of whom, and what no workload stands for', async () => {
    const cwd = folderWith('float,0,60,60,,\nfloat,60,120,120,,\nother,0,120,20,5,1000000\n');
    const words = ['arrivals', './mine.yaml', '--workload', 'float', '--json'];
    const { code, out, err } = await cxlsim(words, { cwd });
    assert.deepEqual([code, err], [0, '']);
    const told = JSON.parse(out);
    assert.equal(told.requests, 200);
    assert.equal(told.length_s, 120);
    // Two of float and, at times, the other.
    assert.equal(told.most_in_a_second, 3);
    assert.equal(told.most_in_a_minute, 130);
    assert.equal(told.busiest_share, 0.9);
    assert.equal(told.unmapped.functions, 1);
    assert.equal(told.unmapped.invocations_share, 0.1);
    assert.deepEqual(
      told.functions.map(({ name, requests, stands }: Record<string, unknown>) => [
        name,
        requests,
        stands ?? 'none',
      ]),
      [
        ['float', 180, 'float'],
        ['other', 20, 'none'],
      ],
    );
    const text = await cxlsim(words.slice(0, -1), { cwd });
    assert.match(text.out, /rule {7}in a minute equidistant/);
    assert.match(text.out, /requests {3}200 in 120 s|requests {3}200 in 2 min/);
  });

  it('refuses what is none in one line, with its place', async () => {
    const falling = folderWith('float,0,60,60,,\nfloat,60,30,60,,\n');
    const cases: [words: string[], cwd: string, message: RegExp][] = [
      [
        ['azure-2020'],
        falling,
        /^azure-2020: no arrivals named azure-2020; did you mean azure-2021\?\n$/,
      ],
      [
        ['./mine.yaml'],
        falling,
        /^mine\.csv:3:\d+: to_s is "30"; expected 60, its from_s, or later\n$/,
      ],
      [['bursts', '--set', 'length_s=0'], falling, /^--set length_s=0: length_s is 0; expected/],
      [
        ['bursts', '--set', 'lenght_s=60'],
        falling,
        /^--set lenght_s=60: lenght_s is not a key; did you mean length_s\?\n$/,
      ],
      [
        ['./azure.yaml'],
        scratchFolder({
          'azure.yaml': 'kind: azure-2019\ndescription: d\nsource: s\nfile: counts.csv\n',
          'counts.csv': 'HashOwner,HashApp,HashFunction,Trigger,1,2,4\no,a,f,http,1,1,1\n',
        }),
        /^counts\.csv:1:44: minute "4"; expected 3, minutes one after the other from 1 to 1440\n$/,
      ],
      [['bursts', '--set', 'length_s=60', '--workload', 'flot'], falling, /did you mean float\?/],
    ];
    for (const [words, cwd, message] of cases) {
      const { code, out, err } = await cxlsim(['arrivals', ...words], { cwd });
      assert.deepEqual([code, out], [2, ''], words.join(' '));
      assert.match(err, message);
      assert.equal(err.split('\n').length, 2, err);
    }
  });
});
