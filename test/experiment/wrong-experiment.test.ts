/** Experiment files that are wrong: where, what, and what was expected. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { offered, project_root } from '../../sim/experiment/installed.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { InputError } from '../../sim/input/input-error.ts';
import { proposal } from '../../sim/input/nearest.ts';
import { scratchFolder } from './scratch-folder.ts';
import { complaint, fileOf, sound } from './sound-experiment.ts';

/** What is wrong, the text, and the complaint. */
const wrong_files: readonly (readonly [string, string, string])[] = [
  [
    'an unknown key',
    `${sound}repetition: 3\n`,
    'x.yaml:6:1: repetition is not a key; did you mean repetitions?',
  ],
  [
    'an unknown key that is near nothing',
    `${sound}colour: red\n`,
    'x.yaml:6:1: colour is not a key; found question, scenario, backends, mechanisms, policies, keep_alive, routing, workloads, workload, fabric, children, arrivals, parameters, sweep, combinations, ranges, invocations, repetitions, seed, figures',
  ],
  [
    'a key that all objects have',
    `${sound}__proto__: {a: 1}\n`,
    'x.yaml:6:1: __proto__ is not a key; found question, scenario, backends, mechanisms, policies, keep_alive, routing, workloads, workload, fabric, children, arrivals, parameters, sweep, combinations, ranges, invocations, repetitions, seed, figures',
  ],
  [
    'fewer invocations than a cold and a warm one',
    `${sound}invocations: 1\n`,
    'x.yaml:6:14: invocations is 1; expected a whole number from 2 to 10000',
  ],
  [
    'more memory held by others than there is',
    sound.replace(
      'fabric: cxlfork-testbed',
      'fabric: {preset: cxlfork-testbed, node: {others_memory_share: 1.5}}',
    ),
    'x.yaml:5:63: fabric.node.others_memory_share is 1.5; expected a number from 0 to 1',
  ],
  [
    'a missing question',
    sound.replace(/question.*\n/, ''),
    'x.yaml:1:1: question is missing; expected a sentence',
  ],
  [
    'an empty question',
    sound.replace(/question.*\n/, 'question: "  "\n'),
    'x.yaml:1:11: question is ""; expected a sentence',
  ],
  [
    'missing mechanisms',
    sound.replace(/mechanisms.*\n/, ''),
    'x.yaml:1:1: mechanisms is missing; expected a list of mechanisms',
  ],
  [
    'an empty list',
    sound.replace(/workloads.*\n/, 'workloads: []\n'),
    'x.yaml:4:12: workloads is empty; expected a list of workloads',
  ],
  [
    'a value that is no list',
    sound.replace(/policies.*\n/, 'policies: hybrid\n'),
    'x.yaml:3:11: policies is "hybrid"; expected a list of policies',
  ],
  [
    'a list of lists',
    sound.replace(/policies.*\n/, 'policies: [[hybrid]]\n'),
    'x.yaml:3:12: policies[0] is a list; expected the name of a policy or a file',
  ],
  [
    'a number for a name',
    sound.replace(/workloads.*\n/, 'workloads: [float, 3]\n'),
    'x.yaml:4:20: workloads[1] is 3; expected the name of a workload or a file',
  ],
  [
    'a name twice',
    sound.replace(/workloads.*\n/, 'workloads: [float, json, float]\n'),
    'x.yaml:4:26: workloads[2] is "float" a second time; expected each once',
  ],
  [
    'an unknown mechanism',
    sound.replace('cold-start', 'cold-strat'),
    'x.yaml:2:14: no mechanism named cold-strat; did you mean cold-start?',
  ],
  [
    'an unknown policy',
    sound.replace('hybrid', 'lru'),
    'x.yaml:3:12: no policy named lru; found clairvoyant, dynamic, hybrid, make-room, migrate-now, migrate-on-access, migrate-on-write (policies/)',
  ],
  [
    'a policy that all objects have',
    sound.replace('hybrid', 'constructor'),
    'x.yaml:3:12: no policy named constructor; found clairvoyant, dynamic, hybrid, make-room, migrate-now, migrate-on-access, migrate-on-write (policies/)',
  ],
  [
    'an unknown workload',
    sound.replace('[float]', '[json, flaot]'),
    'x.yaml:4:19: no workload named flaot; did you mean float?',
  ],
  [
    'an unknown preset',
    sound.replace('cxlfork-testbed', 'cxlfork-testbad'),
    'x.yaml:5:9: no fabric preset named cxlfork-testbad; did you mean cxlfork-testbed?',
  ],
  [
    'an unknown backend',
    `${sound}backends: [simulate]\n`,
    'x.yaml:6:12: no backend named simulate; did you mean simulated?',
  ],
  [
    'an unknown figure',
    `${sound}figures: [tierring]\n`,
    'x.yaml:6:11: no figure named tierring; did you mean tiering?',
  ],
  [
    'a mechanism without the policy it needs',
    sound.replace(/policies.*\n/, ''),
    'x.yaml:2:26: mechanism cxlfork needs a policy; list some under policies: clairvoyant, dynamic, hybrid, make-room, migrate-now, migrate-on-access, migrate-on-write',
  ],
  [
    'a fabric without preset',
    sound.replace(/fabric.*\n/, 'fabric: {nodes: 2}\n'),
    'x.yaml:5:1: fabric.preset is missing; expected the name of a fabric preset or a file',
  ],
  [
    'a fabric that is a number',
    sound.replace(/fabric.*\n/, 'fabric: 391\n'),
    'x.yaml:5:9: fabric is 391; expected a preset of cxlsim list fabrics',
  ],
  [
    'a misspelt setting',
    sound.replace(/fabric.*\n/, 'fabric:\n  preset: cxlfork-testbed\n  cxl:\n    latncy_ns: 3\n'),
    'x.yaml:8:5: fabric.cxl.latncy_ns is not a setting; did you mean latency_ns?',
  ],
  [
    'a wrong unit',
    sound.replace(/fabric.*\n/, 'fabric: {preset: cxlfork-testbed, cxl: {latency_us: 3}}\n'),
    'x.yaml:5:41: fabric.cxl.latency_us is not a setting; did you mean latency_ns?',
  ],
  [
    'a setting in the wrong place',
    sound.replace(/fabric.*\n/, 'fabric: {preset: cxlfork-testbed, latency_ns: 3}\n'),
    'x.yaml:5:35: fabric.latency_ns is not a setting; did you mean fabric.node.local.latency_ns or fabric.cxl.latency_ns?',
  ],
  [
    'a mapping where a value belongs',
    sound.replace(/fabric.*\n/, 'fabric: {preset: cxlfork-testbed, nodes: {a: 1}}\n'),
    'x.yaml:5:42: fabric.nodes is a mapping; expected a whole number from 2 to 1024',
  ],
  [
    'a value where a mapping belongs',
    sound.replace(/fabric.*\n/, 'fabric: {preset: cxlfork-testbed, cxl: 3}\n'),
    'x.yaml:5:40: fabric.cxl is 3; expected a mapping',
  ],
  [
    'a negative latency',
    `${sound}sweep: {fabric.cxl.latency_ns: [100, -5]}\n`,
    'x.yaml:6:38: sweep.fabric.cxl.latency_ns[1] is -5; expected a number from 0 to 1000000000 ns',
  ],
  [
    'an infinite latency',
    `${sound}sweep: {fabric.cxl.latency_ns: [.inf]}\n`,
    'x.yaml:6:33: sweep.fabric.cxl.latency_ns[0] is Infinity; expected a number from 0 to 1000000000 ns',
  ],
  [
    'a latency that is no number',
    `${sound}sweep: {fabric.cxl.latency_ns: [.nan]}\n`,
    'x.yaml:6:33: sweep.fabric.cxl.latency_ns[0] is NaN; expected a number from 0 to 1000000000 ns',
  ],
  [
    'a latency with its unit',
    `${sound}sweep: {fabric.cxl.latency_ns: [200 ns]}\n`,
    'x.yaml:6:33: sweep.fabric.cxl.latency_ns[0] is "200 ns"; expected a number from 0 to 1000000000 ns',
  ],
  [
    'a number written as in YAML 1.1',
    `${sound}sweep: {fabric.node.cores: [1_000]}\n`,
    'x.yaml:6:29: sweep.fabric.node.cores[0] is "1_000"; expected a whole number from 1 to 4096',
  ],
  [
    'half a core',
    `${sound}sweep: {fabric.node.cores: [0.5]}\n`,
    'x.yaml:6:29: sweep.fabric.node.cores[0] is 0.5; expected a whole number from 1 to 4096',
  ],
  [
    'a bandwidth of nothing',
    `${sound}sweep: {fabric.cxl.read_gb_per_s: [0]}\n`,
    'x.yaml:6:36: sweep.fabric.cxl.read_gb_per_s[0] is 0; expected a number from 0.001 to 100000 GB/s',
  ],
  [
    'an unknown word',
    `${sound}sweep: {fabric.coherence: [hardware, none]}\n`,
    'x.yaml:6:38: sweep.fabric.coherence[1] is "none"; expected hardware or software',
  ],
  [
    'combinations that are none',
    `${sound}combinations: one\n`,
    'x.yaml:6:15: combinations is "one"; expected all or one-at-a-time',
  ],
  [
    'one setting at a time where there is but one',
    `${sound}combinations: one-at-a-time\nsweep: {fabric.cxl.latency_ns: [100, 200]}\n`,
    'x.yaml:6:15: combinations: one-at-a-time changes nothing: fewer than two settings have several values; expected two or more under sweep',
  ],
  [
    'an empty sweep',
    `${sound}sweep: {fabric.cxl.latency_ns: []}\n`,
    'x.yaml:6:32: sweep.fabric.cxl.latency_ns is empty; expected a list of values',
  ],
  [
    'a value swept twice',
    `${sound}sweep: {fabric.cxl.latency_ns: [1, 2, 1.0]}\n`,
    'x.yaml:6:39: sweep.fabric.cxl.latency_ns[2] is 1 a second time; expected each once',
  ],
  [
    'a misspelt path to sweep',
    `${sound}sweep: {fabric.cxl.latncy_ns: [1]}\n`,
    'x.yaml:6:9: fabric.cxl.latncy_ns is not a setting; did you mean fabric.cxl.latency_ns?',
  ],
  [
    'a path to sweep in mappings',
    `${sound}sweep: {fabric: {cxl: {latency_ns: [1]}}}\n`,
    'x.yaml:6:9: fabric is not a setting; name a whole path in one key, as fabric.nodes',
  ],
  [
    'a sweep of repetitions',
    `${sound}sweep: {repetitions: [1]}\n`,
    'x.yaml:6:9: repetitions is not a setting; see cxlsim schema',
  ],
  [
    'a setting both set and swept',
    `${sound.replace(/fabric.*\n/, 'fabric: {preset: cxlfork-testbed, nodes: 3}\n')}sweep: {fabric.nodes: [2, 4]}\n`,
    'x.yaml:6:9: fabric.nodes is both set and swept; expected one of the two',
  ],
  [
    'a setting both swept and drawn',
    `${sound}sweep: {fabric.node.cores: [2]}\nranges: {fabric.node.cores: [2, 4]}\n`,
    'x.yaml:7:10: fabric.node.cores is both swept and drawn from a range; expected one of the two',
  ],
  [
    'swept presets without the one that is set',
    `${sound}sweep: {fabric.preset: [switch-fast, vistara]}\n`,
    'x.yaml:5:9: fabric.preset is cxlfork-testbed, which its sweep leaves out; expected switch-fast or vistara',
  ],
  [
    'an unknown preset to sweep',
    `${sound}sweep: {fabric.preset: [cxlfork-testbed, switch-fats]}\n`,
    'x.yaml:6:42: no fabric preset named switch-fats; did you mean switch-fast?',
  ],
  [
    'a range that falls',
    `${sound}ranges: {fabric.cxl.latency_ns: [200, 100]}\n`,
    'x.yaml:6:33: ranges.fabric.cxl.latency_ns is empty; expected [low, high] with low below high',
  ],
  [
    'a range of one number',
    `${sound}ranges: {fabric.cxl.latency_ns: [200]}\n`,
    'x.yaml:6:33: ranges.fabric.cxl.latency_ns is a list; expected [low, high]',
  ],
  [
    'a range beyond what is allowed',
    `${sound}ranges: {fabric.cxl.latency_ns: [-1, 200]}\n`,
    'x.yaml:6:34: ranges.fabric.cxl.latency_ns[0] is -1; expected a number from 0 to 1000000000 ns',
  ],
  [
    'a range of words',
    `${sound}ranges: {fabric.coherence: [hardware, software]}\n`,
    'x.yaml:6:10: ranges: fabric.coherence is no number; expected sweep',
  ],
  [
    'no repetition',
    `${sound}repetitions: 0\n`,
    'x.yaml:6:14: repetitions is 0; expected a whole number from 1 to 1000000',
  ],
  [
    'half a repetition',
    `${sound}repetitions: 1.5\n`,
    'x.yaml:6:14: repetitions is 1.5; expected a whole number from 1 to 1000000',
  ],
  [
    'a null',
    `${sound}repetitions:\n`,
    'x.yaml:6:13: repetitions is null; expected a whole number from 1 to 1000000',
  ],
  [
    'a seed that a double cannot hold',
    `${sound}seed: 9007199254740993\n`,
    'x.yaml:6:7: seed is 9007199254740992; expected a whole number of at least 0 and below 2^53',
  ],
  [
    'a negative seed',
    `${sound}seed: -1\n`,
    'x.yaml:6:7: seed is -1; expected a whole number of at least 0 and below 2^53',
  ],
  [
    'parameters of nothing',
    `${sound}parameters: {cxlfrok: {leaf: built}}\n`,
    'x.yaml:6:14: parameters.cxlfrok: nothing named cxlfrok takes parameters; did you mean cxlfork?',
  ],
  [
    'a misspelt parameter',
    `${sound}parameters: {cxlfork: {laef: built}}\n`,
    'x.yaml:6:24: parameters.cxlfork.laef is not a setting; did you mean leaf?',
  ],
  [
    'a parameter with an unknown word',
    `${sound}parameters: {cxlfork: {leaf: attach}}\n`,
    'x.yaml:6:30: parameters.cxlfork.leaf is "attach"; expected attached or built',
  ],
  [
    'a word that YAML takes for a number',
    `${sound}parameters: {vm: {kernel: 6.12}}\n`,
    'x.yaml:6:27: parameters.vm.kernel is the number 6.12; expected "6.12", in quotes',
  ],
  [
    'a flag that is a word',
    `${sound}parameters: {hybrid: {dirty_prefetch: yes}}\n`,
    'x.yaml:6:39: parameters.hybrid.dirty_prefetch is "yes"; expected true or false',
  ],
  [
    'a parameter by the name that it once had',
    `${sound}parameters: {mitosis: {prefetch_pages: 1}}\n`,
    'x.yaml:6:24: parameters.mitosis.prefetch_pages is not a setting; did you mean window_pages?',
  ],
  [
    'a swept one by the name that it once had',
    `${sound}sweep: {parameters.mitosis.prefetch_pages: [1, 2]}\n`,
    'x.yaml:6:9: parameters.mitosis.prefetch_pages is not a setting; did you mean parameters.mitosis.window_pages?',
  ],
  [
    'a parameter below its minimum',
    `${sound}parameters: {kernel: {fault_ns: -1}}\n`,
    'x.yaml:6:33: parameters.kernel.fault_ns is -1; expected a number from 0 to 100000000 ns',
  ],
  [
    'a parameter of what takes no part',
    `${sound}parameters: {criu: {dump_page_ns: 1}}\n`,
    'x.yaml:6:21: parameters.criu.dump_page_ns changes nothing: criu takes no part in this experiment; found kernel, cold-start, cxlfork, hybrid, simulated',
  ],
  [
    'a sweep that changes nothing',
    `${sound}sweep: {parameters.criu.dump_page_ns: [1, 2]}\n`,
    'x.yaml:6:9: parameters.criu.dump_page_ns changes nothing: criu takes no part in this experiment; found kernel, cold-start, cxlfork, hybrid, simulated',
  ],
  [
    'a field that profiles lack',
    `${sound}workload: {acessed_share: 1}\n`,
    'x.yaml:6:12: workload.acessed_share is not a setting; did you mean accessed_share?',
  ],
  [
    'a share above one',
    `${sound}sweep: {workload.accessed_share: [0.5, 1.5]}\n`,
    'x.yaml:6:40: sweep.workload.accessed_share[1] is 1.5; expected 0 to 1',
  ],
  [
    'fields of a recorded trace',
    `${sound.replace('[float]', '[float, recorded-store]')}workload: {run_pages: 2}\n`,
    'x.yaml:6:12: workload.run_pages is a field of function profiles, and recorded-store is a recorded trace; expected profiles alone, or no such field',
  ],
  [
    'more trials than anybody waits for',
    `${sound}repetitions: 1000000\n`,
    'x.yaml: the lists multiply to 2000000 trials; expected at most 1000000',
  ],
  [
    'a policy file that is not there',
    sound.replace('hybrid', './mine.ts'),
    'x.yaml:3:12: there is no file mine.ts; name a policy file',
  ],
  [
    'a policy file that is a folder',
    sound.replace('hybrid', './sub.ts'),
    'x.yaml:3:12: sub.ts is a directory; name a policy file',
  ],
  [
    'a policy file in another language',
    sound.replace('hybrid', './mine.py'),
    'x.yaml:3:12: mine.py is no policy file; a name ending in .ts, .js or .mjs',
  ],
  [
    'a workload file that is not there',
    sound.replace('[float]', '[./mine.yaml]'),
    'x.yaml:4:13: there is no file mine.yaml; name a workload (kind: profile, trace, live or llm; or a .cxltrace)',
  ],
];

describe('a wrong experiment file stops with one line', () => {
  for (const [what, text, message] of wrong_files) {
    it(`about ${what}`, async () => {
      const file = fileOf(text);
      mkdirSync(join(file, '..', 'sub.ts'));
      assert.equal(await complaint(file), message);
    });
  }

  it('whatever is wrong with it: any slip gives an experiment or a line for each fault', async () => {
    const text = `${sound}repetitions: 2\nsweep:\n  fabric.cxl.latency_ns: [100, 200]\n`;
    const slip = fc.record({
      at: fc.nat(text.length - 1),
      cut: fc.nat(6),
      put: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 3 }),
        fc.constantFrom('\n', ' ', ':', '- ', '[', '{', '&a ', '*a', '!!x ', '.nan', '-', '~', '"'),
      ),
    });
    const file = fileOf(text);
    await fc.assert(
      fc.asyncProperty(fc.array(slip, { minLength: 1, maxLength: 3 }), async (slips) => {
        const changed = slips.reduce(
          (held, { at, cut, put }) => held.slice(0, at) + put + held.slice(at + cut),
          text,
        );
        writeFileSync(file, changed);
        try {
          await loadExperiment(file);
        } catch (error) {
          assert.ok(error instanceof InputError, `${error}`);
          const lines = error.message.split('\n');
          for (const line of lines) assert.match(line, /^[^\n]+: [^\n]+; [^\n]+$/);
          assert.equal(new Set(lines).size, lines.length);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('about a file that is not there, is a folder, a device or no text', async () => {
    const folder = scratchFolder({
      'latin.yaml': Buffer.from('question: x\nn: caf\xe9\n', 'latin1'),
    });
    const kind = 'an experiment file';
    const said = (file: string) =>
      loadExperiment(file).then(
        () => assert.fail('accepted'),
        (error: Error) => error.message,
      );
    assert.equal(
      await said(`${folder}/no.yaml`),
      `${folder}/no.yaml: there is no file ${folder}/no.yaml; name ${kind}`,
    );
    assert.equal(await said(''), `'': there is no file ''; name ${kind}`);
    assert.equal(await said(folder), `${folder}: is a directory; name ${kind}`);
    assert.equal(await said('/dev/null'), `/dev/null: is not a regular file; name ${kind}`);
    assert.equal(
      await said(`${folder}/latin.yaml`),
      `${folder}/latin.yaml:2: the text is not UTF-8; ${kind} is a UTF-8 text`,
    );
  });

  it('about a file that is far too large', async () => {
    const file = fileOf(new Uint8Array(2 ** 20 + 1).fill(0x23));
    assert.equal(
      await complaint(file),
      'x.yaml: is too large (1.0 MiB); an experiment file has at most 1 MiB',
    );
  });

  it('about a file without a name', async () => {
    const folder = scratchFolder({ '.yaml': sound });
    assert.equal(
      await complaint(join(folder, '.yaml')),
      '.yaml: the file has no name; expected a name before .yaml',
    );
  });
});

describe('a policy of an experiment', () => {
  const share = "share: { default: 0, unit: 'share', description: 'x', source: 'x' }";
  const policy = (body: string) =>
    `export default { description: 'x', parameters: { ${share} }, place(page, { share }) { ${body} } };`;

  async function complaintOf(body: string, more: string): Promise<string> {
    const experiment = `${sound.replace('[hybrid]', '[./mine.ts]')}${more}`;
    const folder = scratchFolder({ 'x.yaml': experiment, 'mine.ts': policy(body) });
    return complaint(join(folder, 'x.yaml'));
  }

  it('is tried with what is set of its parameters, and with each value that these are varied over', async () => {
    const body = "return share === 3 ? 'migrate-later' : 'migrate-now';";
    for (const more of [
      'parameters: {mine: {share: 3}}\n',
      'sweep: {parameters.mine.share: [1, 2, 3, 4]}\n',
      'ranges: {parameters.mine.share: [1, 3]}\n',
    ]) {
      assert.match(
        await complaintOf(body, more),
        /mine\.ts: place answers "migrate-later" for the page /,
      );
    }
  });
});

describe('an experiment file with several faults', () => {
  it('is told all of them, in the order of its lines', async () => {
    const file = fileOf(`question: 3
mechanisms: [cxlfrk, criu, local-fork]
policies: [hybird, migrate-now]
workloads: [brt, float]
fabric: {preset: cxlfork-testbed, cxl: {latncy_ns: 4, read_gb_per_s: -1}}
parameters: {hybird: {x: 1}, criu: {zz: 1}}
reptitions: 3
seed: x
figures: [latency]
`);
    assert.deepEqual((await complaint(file)).split('\n'), [
      'x.yaml:1:11: question is 3; expected a sentence',
      'x.yaml:2:14: no mechanism named cxlfrk; did you mean cxlfork?',
      'x.yaml:3:12: no policy named hybird; did you mean hybrid?',
      `x.yaml:4:13: no workload named brt; did you mean bert?`,
      'x.yaml:5:41: fabric.cxl.latncy_ns is not a setting; did you mean latency_ns?',
      'x.yaml:5:70: fabric.cxl.read_gb_per_s is -1; expected a number from 0.001 to 100000 GB/s',
      'x.yaml:6:37: parameters.criu.zz is not a setting; found dump_fixed_ns, dump_page_ns, restore_fixed_ns, restore_page_ns, file_read_ns',
      'x.yaml:7:1: reptitions is not a key; did you mean repetitions?',
      'x.yaml:8:7: seed is "x"; expected a whole number of at least 0 and below 2^53',
      `x.yaml:9:11: no figure named latency; ${proposal('latency', offered.figures, 'experiments/figures/')}`,
    ]);
  });

  it('is told what its parts demand of one another together', async () => {
    const file = fileOf(`${sound.replace('policies: [hybrid]\n', '')}sweep:
  fabric.cxl.latency_ns: [1, 2]
  parameters.criu.dump_page_ns: [1, 2]
ranges: {fabric.cxl.latency_ns: [1, 2]}
`);
    assert.deepEqual((await complaint(file)).split('\n'), [
      'x.yaml:2:26: mechanism cxlfork needs a policy; list some under policies: clairvoyant, dynamic, hybrid, make-room, migrate-now, migrate-on-access, migrate-on-write',
      'x.yaml:7:3: parameters.criu.dump_page_ns changes nothing: criu takes no part in this experiment; found kernel, cold-start, cxlfork, simulated',
      'x.yaml:8:10: fabric.cxl.latency_ns is both swept and drawn from a range; expected one of the two',
    ]);
  });

  it('is told of a misspelt key once, and not that the right one is missing', async () => {
    assert.equal(
      await complaint(fileOf(sound.replace('mechanisms:', 'mechanism:'))),
      'x.yaml:2:1: mechanism is not a key; did you mean mechanisms?',
    );
  });

  it('is told twenty faults at most, and how many more there are', async () => {
    const keys = Array.from({ length: 23 }, (_, index) => `key_${index}: 1\n`).join('');
    const lines = (await complaint(fileOf(sound + keys))).split('\n');
    assert.equal(lines.length, 21);
    assert.match(lines[19]!, /^x\.yaml:25:1: key_19 is not a key; /);
    assert.equal(lines[20], 'x.yaml: 3 more errors are not shown; correct these first');
  });

  it('that is no YAML is told what leaves the rest as it was meant, and one fault that does not', async () => {
    const text = 'a: 1\na: 2\n\tb: 1\nc: @x\nd: e: f\ng: h: i\na: 3\n';
    assert.deepEqual((await complaint(fileOf(text))).split('\n'), [
      'x.yaml:2:1: a stands here a second time; expected each key once',
      'x.yaml:3:1: a tab is used as indentation; expected spaces',
      'x.yaml:4:4: not YAML: plain value cannot start with reserved character @; see https://yaml.org/spec/1.2.2',
      'x.yaml:5:4: not YAML: nested mappings are not allowed in compact mappings; see https://yaml.org/spec/1.2.2',
    ]);
  });

  it('is told what is wrong in the files it names, after its own lines', async () => {
    const profile = readFileSync(join(project_root, 'traces/profiles/float.yaml'), 'utf8');
    const folder = scratchFolder({
      'x.yaml': sound.replace('[float]', '[./mine.yaml]').replace('hybrid', './mine-policy.ts'),
      'mine.yaml': profile.replace('warm_ms:', 'wrm_ms:').replace(/run_pages: .*/, 'run_pages: 0'),
      'mine-policy.ts': "export default { description: 'x', place: () => 'never' };\n",
      'fabric.yaml': 'description: x\nnodes: 1\n',
    });
    const lines = (await complaint(join(folder, 'x.yaml'))).split('\n');
    assert.deepEqual(
      lines.map((line) => line.replace(/^(.*?)(:\d+)*: .*$/, '$1')),
      ['mine-policy.ts', 'mine.yaml', 'mine.yaml'],
    );
    const fabric = sound.replace('cxlfork-testbed', './fabric.yaml');
    writeFileSync(join(folder, 'x.yaml'), fabric);
    assert.deepEqual((await complaint(join(folder, 'x.yaml'))).split('\n').slice(0, 3), [
      'fabric.yaml:1:1: source is missing; expected a sentence',
      'fabric.yaml:1:1: node is missing; expected a mapping',
      'fabric.yaml:1:1: cxl is missing; expected a mapping',
    ]);
  });
});

describe('children of an experiment', () => {
  for (const [lines, message] of [
    [
      'children: {count: 4, nodes: 4}',
      /^x\.yaml:6:29: children are on 4 nodes of a fabric of 2: no trial could run; expected at most 2, or /,
    ],
    [
      'children: {count: 4}\nsweep: {children.nodes: [3, 4]}',
      /^x\.yaml:7:25: children are on 3 nodes of a fabric of 2: no trial could run; /,
    ],
    [
      'children: {count: 3, starts_ms: [0, 5, 5, 20]}',
      /^x\.yaml:6:12: children\.count is 3, and children\.starts_ms tells the times of 4 children; expected children\.count or children\.starts_ms$/,
    ],
    [
      'children: {interval_ms: 0, starts_ms: [0, 5]}',
      /^x\.yaml:6:12: children\.interval_ms contradicts children\.starts_ms, which tells all times; /,
    ],
    [
      'children: {starts_ms: [0, 5]}\nsweep: {children.count: [2, 4]}',
      /^x\.yaml:7:9: children\.count varies, and children\.starts_ms tells the times of 2 children; /,
    ],
    [
      'children: {starts_ms: [0, 5]}\nranges: {children.interval_ms: [0, 4]}',
      /^x\.yaml:7:10: children\.interval_ms varies, and children\.starts_ms /,
    ],
    [
      'children: {starts_ms: [0]}',
      /^x\.yaml:6:12: children\.starts_ms changes nothing: there is one child; /,
    ],
    ['children: {starts_ms: []}', /^x\.yaml:6:23: children\.starts_ms is empty; expected a list/],
    [
      'children: {starts_ms: 5}',
      /^x\.yaml:6:23: children\.starts_ms is 5; expected a list of times in ms/,
    ],
    [
      'children: {starts_ms: [1, 5]}',
      /^x\.yaml:6:24: children\.starts_ms\[0\] is 1; expected 0, from/,
    ],
    [
      'children: {starts_ms: [0, 5, 4]}',
      /^x\.yaml:6:30: children\.starts_ms\[2\] is 4; expected at least 5, as before it$/,
    ],
    ['children: {starts_ms: [0, soon]}', /^x\.yaml:6:27: children\.starts_ms\[1\] is "soon"; /],
    [
      'sweep: {children.starts_ms: [0, 5]}',
      /^x\.yaml:6:9: .*children\.starts_ms is not a setting; /,
    ],
  ] as const) {
    it(`are refused where they contradict or no trial could run: ${lines}`, async () => {
      assert.match(await complaint(fileOf(`${sound}${lines}\n`)), message);
    });
  }

  it('may be on more nodes than some of the fabrics have', async () => {
    for (const lines of [
      'children: {count: 4}\nsweep: {children.nodes: [2, 4]}',
      'children: {count: 4, nodes: 4}\nsweep: {fabric.nodes: [2, 4]}',
    ]) {
      assert.equal((await loadExperiment(fileOf(`${sound}${lines}\n`))).name, 'x');
    }
  });

  it('are of backends that messages offer, and of the one for tests when it is named', async () => {
    const told = await complaint(fileOf(`${sound}backends: [nonsense]\n`));
    assert.match(told, /no backend named nonsense; found simulated, vm, host$/);
    assert.equal((await loadExperiment(fileOf(`${sound}backends: [fake]\n`))).name, 'x');
  });
});
