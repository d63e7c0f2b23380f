import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fixedTtl from '../../../policies/keep-alive/fixed-ttl.ts';
import leastLoaded from '../../../policies/routing/least-loaded.ts';
import { expand } from '../../../sim/experiment/expand.ts';
import { loadExperiment } from '../../../sim/experiment/load.ts';
import type { KeepAlive } from '../../../sim/keep-alive.ts';
import type { Routing } from '../../../sim/routing.ts';
import { scratchFolder } from '../../experiment/scratch-folder.ts';
import { simulated } from '../../simulator.ts';
import { computing, functionOf, hosted, listed, ms, served, startOf } from './served.ts';

const head = `question: x?
scenario: service
mechanisms: [cold-start]
workloads: [float, bert]
fabric: cxlfork-testbed
`;

async function trialsOf(text: string) {
  const file = join(scratchFolder(), 'mine.yaml');
  writeFileSync(file, head + text);
  return expand(await loadExperiment(file));
}

describe('requests that a file tells of', () => {
  it('are served as many as a workload stands for, and the others are told', async () => {
    const [trial] = await trialsOf(
      'arrivals: { source: azure-2019-100, duration_s: 3600, warm_up_s: 0 }\n',
    );
    const { measurements } = await simulated.run(trial!);
    const { requests, unmapped_requests_share, unmapped_time_share } = measurements;
    assert.ok(requests! > 0 && measurements.dropped === 0);
    assert.ok(unmapped_requests_share! > 0.5 && unmapped_requests_share! < 1);
    assert.ok(unmapped_time_share! > unmapped_requests_share!);
  });

  it('may be swept over, with whatever else is told of arrivals', async () => {
    const trials = await trialsOf(
      'sweep: { arrivals.source: [poisson, azure-2019-100], arrivals.duration_s: [60, 90] }\n',
    );
    assert.deepEqual(
      trials
        .filter(({ workload }) => workload.name === 'float')
        .map(({ service }) => [
          service!.arrivals.source,
          service!.arrivals.duration_s,
          service!.recorded?.until_s,
        ]),
      [
        ['poisson', 60, undefined],
        ['azure-2019-100', 60, 60],
        ['poisson', 90, undefined],
        ['azure-2019-100', 90, 90],
      ],
    );
  });

  it('last as long as their file, or as long as the experiment says', async () => {
    const untilOf = async (text: string) => (await trialsOf(text))[0]!.service!.recorded!.until_s;
    assert.equal(await untilOf('arrivals: { source: azure-2019-100 }\n'), 28_800);
    assert.equal(await untilOf('arrivals: { source: azure-2019-100, duration_s: 60 }\n'), 60);
  });

  it('are refused where there is no such file, with the place that names it', async () => {
    await assert.rejects(
      trialsOf('arrivals: { source: azure-2019-10 }\n'),
      /mine\.yaml:6:21: no arrivals named azure-2019-10; did you mean azure-2019-100\?$/,
    );
    await assert.rejects(
      trialsOf('sweep: { arrivals.source: [poisson, ./no.yaml] }\n'),
      /mine\.yaml:6:37: there is no file .*no\.yaml; name a file of arrivals$/,
    );
    await assert.rejects(
      trialsOf('parameters: { service: { start_times: lambda-phyton } }\n'),
      /mine\.yaml:6:39: no start times named lambda-phyton; did you mean lambda-python\?$/,
    );
  });
});

describe('cold starts with measured times', () => {
  const functions = [functionOf({ cold: startOf(5, 0, { restore: computing(100) }) })];
  const asked = { functions, source: listed([[0, 0]]) };

  it('take what is drawn, and not what is modelled', () => {
    const hosts = {
      keep_alive: hosted(fixedTtl as KeepAlive),
      routing: hosted(leastLoaded as Routing),
      ask: <R>(part: () => R) => part(),
    };
    const constant = { name: 'constant', quantile_ms: () => 30, sample_ns: () => 30 * ms };
    const modelled = served(asked).measurements;
    const drawn = served({ ...asked, parts: { hosts: { ...hosts, start_times: constant } } });
    assert.equal(modelled.latency_ms, 105);
    assert.equal(drawn.measurements.latency_ms, 35);
  });

  it('are drawn of the file that the experiment names', async () => {
    const trials = await trialsOf(
      'arrivals: { rate_per_s: 1, duration_s: 30, warm_up_s: 0 }\n' +
        'sweep: { parameters.service.start_times: [modelled, lambda-rust, huawei-2025] }\n',
    );
    const starts: number[] = [];
    for (const trial of trials) starts.push((await simulated.run(trial)).measurements.start_ms!);
    assert.equal(new Set(starts).size, 3);
  });
});
