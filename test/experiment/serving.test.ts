/** Experiments whose cluster serves requests: what they may say, what is refused, and what their trials are. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { expand } from '../../sim/experiment/expand.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { scratchFolder } from './scratch-folder.ts';
import { complaint, fileOf, sound } from './sound-experiment.ts';

const serving = `${sound}scenario: service
keep_alive: [none, fixed-ttl]
routing: [locality]
arrivals: {rate_per_s: 20, duration_s: 4, warm_up_s: 1}
`;

function withOwn(own: string, key: string, text: string): string {
  const folder = scratchFolder({
    'x.yaml': own.replace(new RegExp(`${key}: .*`), `${key}: [./mine.ts]`),
    'mine.ts': text,
  });
  return join(folder, 'x.yaml');
}

describe('an experiment whose cluster serves requests', () => {
  it('has one trial for all functions, at each of several keep-alive policies', async () => {
    const text = serving.replace('[float]', '[float, json]');
    const trials = expand(await loadExperiment(fileOf(text)));
    assert.equal(trials.length, 4);
    assert.deepEqual(
      trials.map(({ mechanism, service, swept }) => [
        mechanism,
        service!.keep_alive.name,
        service!.functions.map(({ name }) => name).join(),
        swept['keep_alive'],
      ]),
      ['cold-start', 'cxlfork'].flatMap((mechanism) =>
        ['none', 'fixed-ttl'].map((name) => [mechanism, name, 'float,json', name]),
      ),
    );
    // What is compared meets the same requests.
    assert.equal(new Set(trials.map(({ seed }) => seed)).size, 1);
  });

  it('runs a parameter of a policy over its values under that policy alone', async () => {
    const text = `${serving}sweep: {parameters.fixed-ttl.minutes: [1, 10, 20]}\n`;
    assert.equal(expand(await loadExperiment(fileOf(text))).length, 2 * (1 + 3));
  });

  it('has the usual policies where it names none', async () => {
    const text = `${sound}scenario: service\n`;
    const [trial] = expand(await loadExperiment(fileOf(text)));
    assert.equal(trial!.service!.keep_alive.name, 'fixed-ttl');
    assert.equal(trial!.service!.routing.name, 'least-loaded');
  });

  for (const [what, text, message] of [
    [
      'a keep-alive policy that is none',
      serving.replace('fixed-ttl', 'fixed-tll'),
      'x.yaml:7:20: no keep-alive policy named fixed-tll; did you mean fixed-ttl?',
    ],
    [
      'a routing policy that is none',
      serving.replace('locality', 'local'),
      'x.yaml:8:11: no routing policy named local; found least-loaded, locality, round-robin, two-choices (policies/routing/)',
    ],
    [
      'a function that is none',
      serving.replace('[float]', '[flaot]'),
      'x.yaml:4:13: no workload named flaot; did you mean float?',
    ],
    [
      'policies for requests where there are none',
      serving.replace('scenario: service', 'scenario: cluster').replace(/arrivals.*\n/, ''),
      'x.yaml:7:1: keep_alive changes nothing: scenario cluster serves no requests; expected scenario: service with it',
    ],
    [
      'requests where nothing is served',
      `${sound}arrivals: {rate_per_s: 20}\n`,
      'x.yaml:6:12: arrivals.rate_per_s changes nothing: nothing is served; expected scenario: service with it',
    ],
    [
      'children where there are requests',
      `${serving}children: 4\n`,
      'x.yaml:10:11: children.count changes nothing: scenario service has requests, and as many instances as they need; expected settings of arrivals, or scenario: cluster',
    ],
    [
      'what the source of requests does not read',
      serving.replace('rate_per_s: 20', 'burst: 7'),
      'x.yaml:9:12: arrivals.burst changes nothing: requests come from poisson; expected arrivals.source: burst',
    ],
    [
      'a parameter of a policy that takes no part',
      `${serving}parameters: {knative: {grace_s: 3}}\n`,
      'x.yaml:10:24: parameters.knative.grace_s changes nothing: knative takes no part in this experiment; found kernel, cold-start, cxlfork, hybrid, none, fixed-ttl, locality, simulated',
    ],
    [
      'a warm-up as long as the requests last',
      serving.replace('warm_up_s: 1', 'warm_up_s: 4'),
      'x.yaml:9:54: arrivals.warm_up_s is 4, and arrivals.duration_s 4: no request would be counted; expected a warm-up that is shorter than the requests last',
    ],
    [
      'zero memory',
      serving.replace(
        'fabric: cxlfork-testbed',
        'fabric: {preset: cxlfork-testbed, node: {local: {capacity_mb: 0}}}',
      ),
      'x.yaml:5:63: fabric.node.local.capacity_mb is 0; expected a whole number from 1 to 1099511627776 MiB',
    ],
    [
      'a cluster without nodes',
      serving.replace('fabric: cxlfork-testbed', 'fabric: {preset: cxlfork-testbed, nodes: 0}'),
      'x.yaml:5:42: fabric.nodes is 0; expected a whole number from 2 to 1024',
    ],
  ] as const) {
    it(`is refused with ${what}`, async () => {
      assert.equal(await complaint(fileOf(text)), message);
    });
  }

  for (const [what, key, text, message] of [
    [
      'does not answer with a time',
      'keep_alive',
      "export default { description: 'd', begin: () => ({ idle: () => 60 }) };",
      'mine.ts: answers 60 to idle; expected { keep_s } of at least 0, and finite ahead: { after_s, keep_s }',
    ],
    [
      'answers with a time that is none',
      'keep_alive',
      "export default { description: 'd', begin: () => ({ idle: () => ({ keep_s: NaN }) }) };",
      'mine.ts: answers { keep_s: NaN } to idle; expected { keep_s } of at least 0, and finite ahead: { after_s, keep_s }',
    ],
    [
      'answers with words that stand for something in messages',
      'keep_alive',
      "export default { description: 'd', begin: () => ({ idle: () => 'a policy b; expected c; d' }) };",
      'mine.ts: answers "a policy b; expected c; d" to idle; expected { keep_s } of at least 0, and finite ahead: { after_s, keep_s }',
    ],
    [
      'answers with a time that nobody reads',
      'keep_alive',
      "export default { description: 'd', begin: () => ({ idle: () => ({ keep_s: 1, ahed: 2 }) }) };",
      'mine.ts: ahed is no part of keep; did you mean ahead?',
    ],
    [
      'has a function that nobody asks',
      'keep_alive',
      "export default { description: 'd', begin: () => ({ idle: () => ({ keep_s: 1 }), prioritise: () => 1 }) };",
      'mine.ts: prioritise is never asked; did you mean priority?',
    ],
    [
      'wants a scale and has no tick',
      'keep_alive',
      "export default { description: 'd', begin: () => ({ idle: () => ({ keep_s: 1 }), scale: () => 1 }) };",
      'mine.ts: scale is never asked without tick_s; expected both',
    ],
    [
      'starts by a scale that it has not',
      'keep_alive',
      "export default { description: 'd', tick_s: 1, starts_by_scale: true, begin: () => ({ idle: () => ({ keep_s: 1 }) }) };",
      'mine.ts: starts_by_scale is true, and begin answers without scale; expected both, or neither',
    ],
    [
      'reads what is not there',
      'keep_alive',
      "export default { description: 'd', begin: () => ({ idle: (i) => ({ keep_s: i.memory_usd ?? 1 }) }) };",
      'mine.ts:1:78: instance.memory_usd does not exist; did you mean memory_used?',
    ],
    [
      'asks chance',
      'keep_alive',
      "export default { description: 'd', begin: () => ({ idle: () => ({ keep_s: Math.random() }) }) };",
      'mine.ts:1:80: throws: asks Math.random(), but the same question must always get the same answer; expected answers',
    ],
    [
      'remembers from one trial to the next',
      'keep_alive',
      "let n = 0;\nexport default { description: 'd', begin: () => ({ idle: () => ({ keep_s: n++ }) }) };",
      'mine.ts: answers otherwise when it begins again (d); expected all that it remembers to be made in begin',
    ],
    [
      'is a tiering policy',
      'keep_alive',
      "export default { description: 'd', place: () => 'migrate-now' };",
      'mine.ts: place is no part of a policy; found description, parameters, colour, begin, tick_s, starts_by_scale',
    ],
    [
      'names a node that it was not shown',
      'routing',
      "export default { description: 'd', begin: () => ({ route: () => 7 }) };",
      'mine.ts: answers 7 to route; expected the index of a node that it was shown, of 2',
    ],
  ] as const) {
    it(`is refused where a file of a ${key.replace('_', '-')} policy ${what}`, async () => {
      assert.equal(await complaint(withOwn(serving, key, text)), message);
    });
  }
});
