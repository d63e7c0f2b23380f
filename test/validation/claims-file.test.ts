/** What is wrong with a file of claims is told in one line each, with its place. */

import assert from 'node:assert/strict';
import { printFabric, readFabricFile } from '../../sim/experiment/fabric-file.ts';
import { installed } from '../../sim/experiment/installed.ts';
import { InputError } from '../../sim/input/input-error.ts';
import { readClaims } from '../../sim/validation/claims-file.ts';
import { validate } from '../../sim/validation/validate.ts';
import { claimsFile, claimsFolder } from './claims-on-disk.ts';

describe('a file of claims', () => {
  const folder = claimsFolder();
  const read = (text: string) => readClaims(folder.write('mine.yaml', text), 'mine.yaml');

  it('is read with its source, and a claim for each value', async () => {
    const text = claimsFile(
      'tolerance: 0.01\n    each: fabric\n    values: { switch-fast: 220.5, switch-polar: { at_most: 600 } }',
    );
    const { name, claims, licence } = await read(text);
    assert.equal(name, 'mine');
    assert.equal(licence, 'none needed');
    assert.deepEqual(
      claims.map(({ id, published, model }) => [id, published, model.content['fabric']]),
      [
        ['mine/latency/switch-fast', { value: 220.5 }, 'switch-fast'],
        ['mine/latency/switch-polar', { at_most: 600 }, 'switch-polar'],
      ],
    );
  });

  const experiment = '{ how: metric, experiment: sizes, metric: restore_ms, mechanism: mitosis }';
  for (const [fault, text, message] of [
    [
      'a key that is none',
      claimsFile('valu: 391'),
      /^mine\.yaml:20:5: valu is not a key; did you mean value\?/,
    ],
    [
      'no value',
      claimsFile('tolerance: 0.01'),
      /^mine\.yaml:14:3: latency has no value; expected one of value, values, sum_of and profile_field$/,
    ],
    [
      'values in two ways',
      claimsFile('value: 1\n    values: { float: 1 }\n    tolerance: 0.1'),
      /^mine\.yaml:14:3: latency has values in several ways; /,
    ],
    [
      'several values of which no key tells apart what',
      claimsFile('values: { float: 1 }\n    tolerance: 0.1'),
      /^mine\.yaml:14:3: latency has several values and no each; /,
    ],
    [
      'a number without a tolerance',
      claimsFile('value: 391'),
      /^mine\.yaml:14:3: tolerance is missing; expected a share/,
    ],
    [
      'a share of nothing',
      claimsFile('value: 0\n    tolerance: 0.1'),
      /^mine\.yaml:14:3: a share of 0 is 0; expected tolerance: \{ absolute: … \}$/,
    ],
    [
      'a way that is none',
      claimsFile(undefined, '{ how: guess }'),
      /^mine\.yaml:22:19: how is "guess"; expected metric, ratio, /,
    ],
    [
      'a key that a way does not read',
      claimsFile(
        undefined,
        '{ how: device, fabric: cxlfork-testbed, memory: cxl, of: latency, byte: 64 }',
      ),
      /^mine\.yaml:22:78: byte is not a key; did you mean bytes\?$/,
    ],
    [
      'a metric that is none',
      claimsFile(undefined, '{ how: metric, experiment: sizes, metric: restore }'),
      /^mine\.yaml:22:54: metric is "?restore"?; expected a metric/,
    ],
    [
      'an experiment that is not there',
      claimsFile(undefined, '{ how: metric, experiment: size, metric: restore_ms }'),
      /^mine\.yaml:22:39: no experiment named size; did you mean sizes\?$/,
    ],
    [
      'a key in the place of what is not asked',
      claimsFile('tolerance: 0.1\n    each: workload\n    values: { float: 1 }'),
      /^mine\.yaml:23:5: workload is nothing that this way of answering reads; expected each: fabric, /,
    ],
    [
      'an experiment on other backends',
      claimsFile(undefined, experiment).replace(/sweep:\n.*/, 'backends: [vm]'),
      /^mine\.yaml:11:15: backends cannot answer a claim; expected simulated$/,
    ],
    [
      'an experiment with a mistake, at its place in this file',
      claimsFile(undefined, experiment).replace('[local-fork, mitosis]', '[local-fork, mitosi]'),
      /^mine\.yaml:8:30: no mechanism named mitosi; did you mean mitosis\?$/,
    ],
    [
      'no claims',
      claimsFile().replace(/claims:.*/s, 'claims: {}'),
      /^mine\.yaml:13:9: there is no claim; /,
    ],
    [
      'bounds of nothing',
      claimsFile('value: {}'),
      /^mine\.yaml:20:12: value (has no bound; expected at_least|is .*; expected a number, or a mapping of at_least)/,
    ],
    ['a broken YAML', 'title: [', /^mine\.yaml:1:9: not YAML: /],
    [
      'a window that is none',
      claimsFile().replace('hardware', 'soft'),
      /^mine\.yaml:19:13: window is "soft"; expected api, /,
    ],
  ] as const) {
    it(`is refused with its place where it has ${fault}`, async () => {
      await assert.rejects(read(text), (error: InputError) => {
        assert.ok(error instanceof InputError, String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it('may name a fabric in a file beside it, as a measurement writes it', async () => {
    const path = installed.fabrics.get('switch-polar')!;
    folder.write('ours.yaml', printFabric(readFabricFile(path, path)));
    const text = claimsFile('value: 549\n    tolerance: 0.01').replace(
      'fabric: cxlfork-testbed, ',
      'fabric: ./ours.yaml, ',
    );
    const [source] = (await validate([await read(text)], { jobs: () => 1 }))!;
    assert.deepEqual(
      source!.answers.map(({ verdict, modelled }) => [verdict, modelled]),
      [['holds', 549]],
    );
  });

  it('is refused where sums lack a part', async () => {
    const more = `  sum:
    what: both
    unit: ns
    figure: none
    read: made up
    window: hardware
    tolerance: 0.1
    each: fabric
    sum_of: [latenc]
    model: { how: device, fabric: cxlfork-testbed, memory: cxl, of: latency }
`;
    const text =
      claimsFile('tolerance: 0.1\n    each: fabric\n    values: { switch-fast: 220.5 }') + more;
    await assert.rejects(
      read(text),
      /mine\.yaml:\d+:14: no family with values named latenc; did you mean latency\?/,
    );
    const { claims } = await read(text.replace('[latenc]', '[latency, latency]'));
    assert.deepEqual(claims.at(-1)?.published, { value: 441 });
  });
});
