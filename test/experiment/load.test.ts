import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { InputError } from '../../sim/experiment/input-error.ts';
import { installed, project_root } from '../../sim/experiment/installed.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import type { Overrides } from '../../sim/experiment/overrides.ts';
import { MalformedFile } from '../../sim/fabric/malformed-file.ts';
import { traceBytes } from '../workload/traces.ts';
import { scratchFolder } from './scratch-folder.ts';

const sound = `question: What does BERT cost?
mechanisms: [cold-start, cxlfork]
policies: [hybrid]
workloads: [float]
fabric: cxlfork-testbed
`;

function fileOf(text: string | Uint8Array): string {
  return join(scratchFolder({ 'x.yaml': text }), 'x.yaml');
}

/** The complaint, with the file's folder left out. */
async function complaint(file: string, overrides?: Overrides): Promise<string> {
  try {
    await loadExperiment(file, overrides);
  } catch (error) {
    assert.ok(error instanceof InputError || error instanceof MalformedFile, String(error));
    const folder = file.slice(0, file.lastIndexOf('/') + 1);
    return error.message.replaceAll(folder, '').replaceAll(relative('.', folder), '');
  }
  assert.fail('the experiment was accepted');
}

describe('loading an experiment', () => {
  it('fills in defaults and resolves names', async () => {
    const experiment = await loadExperiment(fileOf(sound));
    assert.equal(experiment.name, 'x');
    assert.deepEqual(experiment.backends, ['simulated']);
    assert.deepEqual(experiment.policies, [
      { name: 'hybrid', path: join(project_root, 'policies/hybrid.ts') },
    ]);
    assert.equal(experiment.workloads[0]!.name, 'float');
    assert.equal(experiment.fabric.preset, 'cxlfork-testbed');
    assert.deepEqual([experiment.repetitions, experiment.seed], [1, 1]);
    assert.deepEqual([experiment.sweep, experiment.ranges, experiment.figures], [[], [], []]);
  });

  it('puts what differs from a preset over it, and says so in its source', async () => {
    const text = sound.replace(
      'fabric: cxlfork-testbed',
      'fabric: {preset: cxlfork-testbed, cxl: {latency_ns: 200.5}, coherence: software}',
    );
    const { fabric } = await loadExperiment(fileOf(text));
    assert.equal(fabric.cxl.latency_ns, 200.5);
    assert.equal(fabric.coherence, 'software');
    assert.equal(fabric.node.local.latency_ns, 100);
    assert.match(fabric.cxl.source, /; latency_ns set by the experiment$/);
    assert.doesNotMatch(fabric.node.local.source, /set by the experiment/);
  });

  it('takes an option as if the file said it', async () => {
    const options: Overrides = {
      set: ['fabric.cxl.latency_ns=200', 'parameters.cxlfork.leaf=built', 'workload.run_pages=3'],
      mechanisms: ['criu', 'cxlfork'],
      policies: ['migrate-now'],
      workloads: ['bert', 'json'],
      backends: ['fake'],
      seed: '7',
      repetitions: '3',
    };
    const written = `question: What does BERT cost?
backends: [fake]
mechanisms: [criu, cxlfork]
policies: [migrate-now]
workloads: [bert, json]
workload: {run_pages: 3}
fabric: {preset: cxlfork-testbed, cxl: {latency_ns: 200}}
parameters: {cxlfork: {leaf: built}}
repetitions: 3
seed: 7
`;
    assert.deepEqual(
      await loadExperiment(fileOf(sound), options),
      await loadExperiment(fileOf(written)),
    );
  });

  it('holds a swept setting that an option sets at that value, and keeps its column', async () => {
    const text = `${sound}sweep: {fabric.cxl.latency_ns: [100, 200]}\n`;
    const experiment = await loadExperiment(fileOf(text), { set: ['fabric.cxl.latency_ns=150'] });
    assert.deepEqual(experiment.sweep, [{ path: 'fabric.cxl.latency_ns', values: [150] }]);
  });

  it('draws a setting no more that an option sets', async () => {
    const text = `${sound}ranges: {fabric.cxl.latency_ns: [100, 200]}\n`;
    const experiment = await loadExperiment(fileOf(text), { set: ['fabric.cxl.latency_ns=150'] });
    assert.deepEqual(experiment.ranges, []);
    assert.equal(experiment.fabric.cxl.latency_ns, 150);
  });

  it('calls a field that the experiment chose neither assumed nor sourced', async () => {
    const text = sound.replace('[float]', '[html]').concat('workload: {accessed_share: 0.3}\n');
    const [workload] = (await loadExperiment(fileOf(text))).workloads;
    assert.ok(workload?.kind === 'profile');
    assert.equal(workload.accessed_share, 0.3);
    assert.equal(workload.sources['accessed_share'], 'set by the experiment');
    assert.ok(!('accessed_share' in workload.assumed) && 'run_pages' in workload.assumed);
  });

  it('finds files beside the experiment, and files of options where the command was typed', async () => {
    const policy = "export default { description: 'x', place: () => 'migrate-now' };\n";
    const folder = scratchFolder({
      'deep/x.yaml': sound.replace('[hybrid]', '[../mine.ts]'),
      'mine.ts': policy,
    });
    const file = join(folder, 'deep/x.yaml');
    const here = await loadExperiment(file);
    assert.deepEqual(here.policies, [{ name: 'mine', path: join(folder, 'mine.ts') }]);
    const typed = relative('.', join(folder, 'mine.ts'));
    const there = await loadExperiment(file, { policies: [typed] });
    assert.deepEqual(there.policies, here.policies);
  });

  it('knows a shipped file by its path as well', async () => {
    const shipped = {
      policies: [join(project_root, 'policies/hybrid.ts')],
      workloads: [join(project_root, 'traces/float.yaml')],
    };
    assert.deepEqual(
      await loadExperiment(fileOf(sound), shipped),
      await loadExperiment(fileOf(sound)),
    );
  });

  it('reads every trace that is shipped', async () => {
    const names = [...installed.workloads.keys()].filter((name) => name.startsWith('recorded-'));
    assert.ok(names.length > 0);
    const { workloads } = await loadExperiment(fileOf(sound), { workloads: names });
    for (const workload of workloads) {
      assert.ok(workload.kind === 'trace' && workload.timed, workload.name);
      assert.equal(workload.invocations.length, 2);
    }
  });
});

describe('shipped experiments', () => {
  for (const name of readdirSync(join(project_root, 'experiments'))) {
    if (!name.endsWith('.yaml')) continue;
    it(`${name} loads`, async () => {
      const experiment = await loadExperiment(join(project_root, 'experiments', name));
      assert.match(experiment.question, /\?$/);
    });
  }
});

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
    'x.yaml:6:1: colour is not a key; found question, backends, mechanisms, policies, workloads, workload, fabric, parameters, sweep, ranges, repetitions, seed, figures',
  ],
  [
    'a key that all objects have',
    `${sound}__proto__: {a: 1}\n`,
    'x.yaml:6:1: __proto__ is not a key; found question, backends, mechanisms, policies, workloads, workload, fabric, parameters, sweep, ranges, repetitions, seed, figures',
  ],
  [
    'a missing question',
    sound.replace(/question.*\n/, ''),
    'x.yaml: question is missing; a sentence would be right',
  ],
  [
    'an empty question',
    sound.replace(/question.*\n/, 'question: "  "\n'),
    'x.yaml:1:11: question is ""; a sentence would be right',
  ],
  [
    'missing mechanisms',
    sound.replace(/mechanisms.*\n/, ''),
    'x.yaml: mechanisms is missing; a list of mechanisms would be right',
  ],
  [
    'an empty list',
    sound.replace(/workloads.*\n/, 'workloads: []\n'),
    'x.yaml:4:12: workloads is empty; a list of workloads would be right',
  ],
  [
    'a value that is no list',
    sound.replace(/policies.*\n/, 'policies: hybrid\n'),
    'x.yaml:3:11: policies is "hybrid"; a list of policies would be right',
  ],
  [
    'a list of lists',
    sound.replace(/policies.*\n/, 'policies: [[hybrid]]\n'),
    'x.yaml:3:12: policies[0] is a list; the name of a policy or a file would be right',
  ],
  [
    'a number for a name',
    sound.replace(/workloads.*\n/, 'workloads: [float, 3]\n'),
    'x.yaml:4:20: workloads[1] is 3; the name of a workload or a file would be right',
  ],
  [
    'a name twice',
    sound.replace(/workloads.*\n/, 'workloads: [float, json, float]\n'),
    'x.yaml:4:26: workloads[2] is "float" a second time; each once would be right',
  ],
  [
    'an unknown mechanism',
    sound.replace('cold-start', 'cold-strat'),
    'x.yaml:2:14: no mechanism named cold-strat; did you mean cold-start?',
  ],
  [
    'an unknown policy',
    sound.replace('hybrid', 'lru'),
    'x.yaml:3:12: no policy named lru; found clairvoyant, hybrid, migrate-now, migrate-on-access, migrate-on-write (policies/)',
  ],
  [
    'a policy that all objects have',
    sound.replace('hybrid', 'constructor'),
    'x.yaml:3:12: no policy named constructor; found clairvoyant, hybrid, migrate-now, migrate-on-access, migrate-on-write (policies/)',
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
    'x.yaml:2:26: mechanism cxlfork needs a policy; list some under policies: clairvoyant, hybrid, migrate-now, migrate-on-access, migrate-on-write',
  ],
  [
    'a fabric without preset',
    sound.replace(/fabric.*\n/, 'fabric: {nodes: 2}\n'),
    'x.yaml:5:1: fabric.preset is missing; the name of a fabric preset or a file would be right',
  ],
  [
    'a fabric that is a number',
    sound.replace(/fabric.*\n/, 'fabric: 391\n'),
    'x.yaml:5:9: fabric is 391; a preset of cxlsim list fabrics would be right',
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
    'x.yaml:5:42: fabric.nodes is a mapping; a whole number from 2 to 1024 would be right',
  ],
  [
    'a value where a mapping belongs',
    sound.replace(/fabric.*\n/, 'fabric: {preset: cxlfork-testbed, cxl: 3}\n'),
    'x.yaml:5:40: fabric.cxl is 3; a mapping would be right',
  ],
  [
    'a negative latency',
    `${sound}sweep: {fabric.cxl.latency_ns: [100, -5]}\n`,
    'x.yaml:6:38: sweep.fabric.cxl.latency_ns[1] is -5; a number from 0 to 1000000000 ns would be right',
  ],
  [
    'an infinite latency',
    `${sound}sweep: {fabric.cxl.latency_ns: [.inf]}\n`,
    'x.yaml:6:33: sweep.fabric.cxl.latency_ns[0] is Infinity; a number from 0 to 1000000000 ns would be right',
  ],
  [
    'a latency that is no number',
    `${sound}sweep: {fabric.cxl.latency_ns: [.nan]}\n`,
    'x.yaml:6:33: sweep.fabric.cxl.latency_ns[0] is NaN; a number from 0 to 1000000000 ns would be right',
  ],
  [
    'a latency with its unit',
    `${sound}sweep: {fabric.cxl.latency_ns: [200 ns]}\n`,
    'x.yaml:6:33: sweep.fabric.cxl.latency_ns[0] is "200 ns"; a number from 0 to 1000000000 ns would be right',
  ],
  [
    'a number written as in YAML 1.1',
    `${sound}sweep: {fabric.node.cores: [1_000]}\n`,
    'x.yaml:6:29: sweep.fabric.node.cores[0] is "1_000"; a whole number from 1 to 4096 would be right',
  ],
  [
    'half a core',
    `${sound}sweep: {fabric.node.cores: [0.5]}\n`,
    'x.yaml:6:29: sweep.fabric.node.cores[0] is 0.5; a whole number from 1 to 4096 would be right',
  ],
  [
    'a bandwidth of nothing',
    `${sound}sweep: {fabric.cxl.read_gb_per_s: [0]}\n`,
    'x.yaml:6:36: sweep.fabric.cxl.read_gb_per_s[0] is 0; a number from 0.001 to 100000 GB/s would be right',
  ],
  [
    'an unknown word',
    `${sound}sweep: {fabric.coherence: [hardware, none]}\n`,
    'x.yaml:6:38: sweep.fabric.coherence[1] is "none"; hardware or software would be right',
  ],
  [
    'an empty sweep',
    `${sound}sweep: {fabric.cxl.latency_ns: []}\n`,
    'x.yaml:6:32: sweep.fabric.cxl.latency_ns is empty; a list of values would be right',
  ],
  [
    'a value swept twice',
    `${sound}sweep: {fabric.cxl.latency_ns: [1, 2, 1.0]}\n`,
    'x.yaml:6:39: sweep.fabric.cxl.latency_ns[2] is 1 a second time; each once would be right',
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
    'x.yaml:6:9: fabric.nodes is both set and swept; one of the two would be right',
  ],
  [
    'a setting both swept and drawn',
    `${sound}sweep: {fabric.node.cores: [2]}\nranges: {fabric.node.cores: [2, 4]}\n`,
    'x.yaml:7:10: fabric.node.cores is both swept and drawn from a range; one of the two would be right',
  ],
  [
    'swept presets without the one that is set',
    `${sound}sweep: {fabric.preset: [switch-fast, vistara]}\n`,
    'x.yaml:5:9: fabric.preset is cxlfork-testbed, which its sweep leaves out; switch-fast or vistara would be right',
  ],
  [
    'an unknown preset to sweep',
    `${sound}sweep: {fabric.preset: [cxlfork-testbed, switch-fats]}\n`,
    'x.yaml:6:42: no fabric preset named switch-fats; did you mean switch-fast?',
  ],
  [
    'a range that falls',
    `${sound}ranges: {fabric.cxl.latency_ns: [200, 100]}\n`,
    'x.yaml:6:33: ranges.fabric.cxl.latency_ns is empty; [low, high] with low below high would be right',
  ],
  [
    'a range of one number',
    `${sound}ranges: {fabric.cxl.latency_ns: [200]}\n`,
    'x.yaml:6:33: ranges.fabric.cxl.latency_ns is a list; [low, high] would be right',
  ],
  [
    'a range beyond what is allowed',
    `${sound}ranges: {fabric.cxl.latency_ns: [-1, 200]}\n`,
    'x.yaml:6:34: ranges.fabric.cxl.latency_ns[0] is -1; a number from 0 to 1000000000 ns would be right',
  ],
  [
    'a range of words',
    `${sound}ranges: {fabric.coherence: [hardware, software]}\n`,
    'x.yaml:6:10: ranges: fabric.coherence is no number; sweep would be right',
  ],
  [
    'no repetition',
    `${sound}repetitions: 0\n`,
    'x.yaml:6:14: repetitions is 0; a whole number from 1 to 1000000 would be right',
  ],
  [
    'half a repetition',
    `${sound}repetitions: 1.5\n`,
    'x.yaml:6:14: repetitions is 1.5; a whole number from 1 to 1000000 would be right',
  ],
  [
    'a null',
    `${sound}repetitions:\n`,
    'x.yaml:6:13: repetitions is null; a whole number from 1 to 1000000 would be right',
  ],
  [
    'a seed that a double cannot hold',
    `${sound}seed: 9007199254740993\n`,
    'x.yaml:6:7: seed is 9007199254740992; a whole number of at least 0 and below 2^53 would be right',
  ],
  [
    'a negative seed',
    `${sound}seed: -1\n`,
    'x.yaml:6:7: seed is -1; a whole number of at least 0 and below 2^53 would be right',
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
    'x.yaml:6:30: parameters.cxlfork.leaf is "attach"; attached or built would be right',
  ],
  [
    'a word that YAML takes for a number',
    `${sound}parameters: {vm: {kernel: 6.12}}\n`,
    'x.yaml:6:27: parameters.vm.kernel is the number 6.12; "6.12", in quotes, would be right',
  ],
  [
    'a flag that is a word',
    `${sound}parameters: {hybrid: {dirty_prefetch: yes}}\n`,
    'x.yaml:6:39: parameters.hybrid.dirty_prefetch is "yes"; true or false would be right',
  ],
  [
    'a parameter below its minimum',
    `${sound}parameters: {kernel: {fault_ns: -1}}\n`,
    'x.yaml:6:33: parameters.kernel.fault_ns is -1; a number of at least 0 ns would be right',
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
    'x.yaml:6:40: sweep.workload.accessed_share[1] is 1.5; 0 to 1 would be right',
  ],
  [
    'fields of a recorded trace',
    `${sound.replace('[float]', '[float, recorded-store]')}workload: {run_pages: 2}\n`,
    'x.yaml:6:12: workload.run_pages is a field of function profiles, and recorded-store is a recorded trace; profiles alone, or no such field, would be right',
  ],
  [
    'more trials than anybody waits for',
    `${sound}repetitions: 1000000\n`,
    'x.yaml: the lists multiply to 2000000 trials; at most 1000000 would be right',
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
    'x.yaml:4:13: there is no file mine.yaml; name a workload (kind: profile, trace or live; or a .cxltrace)',
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
      '.yaml: the file has no name; a name before .yaml would be right',
    );
  });
});

const wrong_options: readonly (readonly [Overrides, string])[] = [
  [
    { set: ['fabric.cxl.latncy_ns=200'] },
    '--set fabric.cxl.latncy_ns=200: fabric.cxl.latncy_ns is not a setting; did you mean latency_ns?',
  ],
  [
    { set: ['fabrik.cxl.latency_ns=200'] },
    '--set fabrik.cxl.latency_ns=200: fabrik.cxl.latency_ns is not a setting; did you mean fabric?',
  ],
  [
    { set: ['fabric.__proto__.polluted=1'] },
    '--set fabric.__proto__.polluted=1: fabric.__proto__.polluted is not a setting; did you mean fabric?',
  ],
  [
    { set: ['fabric.constructor.polluted=1'] },
    '--set fabric.constructor.polluted=1: fabric.constructor is not a setting; found preset, nodes, node, cxl, coherence',
  ],
  [{ set: ['latency'] }, '--set latency: this is not path=value; --set fabric.cxl.latency_ns=200'],
  [{ set: ['=3'] }, '--set =3: this is not path=value; --set fabric.cxl.latency_ns=200'],
  [{ set: ['seed='] }, '--set seed=: seed takes one value; write it after ='],
  [
    { set: ['fabric.cxl.latency_ns=[1, 2]'] },
    '--set fabric.cxl.latency_ns=[1, 2]: fabric.cxl.latency_ns takes one value; several belong under sweep in the file',
  ],
  [
    { set: ['fabric.cxl.latency_ns=-1'] },
    '--set fabric.cxl.latency_ns=-1: fabric.cxl.latency_ns is -1; a number from 0 to 1000000000 ns would be right',
  ],
  [{ set: ['fabric.cxl=3'] }, '--set fabric.cxl=3: fabric.cxl is 3; a mapping would be right'],
  [
    { set: ['question=why'] },
    '--set question=why: question is not a setting; found fabric, parameters, workload, repetitions, seed',
  ],
  [{ policies: ['hybird'] }, '--policy hybird: no policy named hybird; did you mean hybrid?'],
  [
    { mechanisms: ['criu', 'crui'] },
    '--mechanism crui: no mechanism named crui; did you mean criu?',
  ],
  [{ workloads: ['brt'] }, '--workload brt: no workload named brt; did you mean bert?'],
  [{ backends: ['fak'] }, '--backend fak: no backend named fak; did you mean fake?'],
  [
    { mechanisms: ['criu', 'criu'] },
    '--mechanism criu: mechanisms[1] is "criu" a second time; each once would be right',
  ],
  [
    { seed: '0x' },
    '--seed 0x: seed is "0x"; a whole number of at least 0 and below 2^53 would be right',
  ],
  [
    { repetitions: '-3' },
    '--repetitions -3: repetitions is -3; a whole number from 1 to 1000000 would be right',
  ],
];

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
      'x.yaml:1:11: question is 3; a sentence would be right',
      'x.yaml:2:14: no mechanism named cxlfrk; did you mean cxlfork?',
      'x.yaml:3:12: no policy named hybird; did you mean hybrid?',
      `x.yaml:4:13: no workload named brt; did you mean bert?`,
      'x.yaml:5:41: fabric.cxl.latncy_ns is not a setting; did you mean latency_ns?',
      'x.yaml:5:70: fabric.cxl.read_gb_per_s is -1; a number from 0.001 to 100000 GB/s would be right',
      'x.yaml:6:37: parameters.criu.zz is not a setting; found dump_fixed_ns, dump_page_ns, restore_fixed_ns, restore_page_ns, file_read_ns',
      'x.yaml:7:1: reptitions is not a key; did you mean repetitions?',
      'x.yaml:8:7: seed is "x"; a whole number of at least 0 and below 2^53 would be right',
      'x.yaml:9:11: no figure named latency; found cxl-latency, functions, phases-and-memory, tiering (experiments/figures/)',
    ]);
  });

  it('is told what its parts demand of one another together', async () => {
    const file = fileOf(`${sound.replace('policies: [hybrid]\n', '')}sweep:
  fabric.cxl.latency_ns: [1, 2]
  parameters.criu.dump_page_ns: [1, 2]
ranges: {fabric.cxl.latency_ns: [1, 2]}
`);
    assert.deepEqual((await complaint(file)).split('\n'), [
      'x.yaml:2:26: mechanism cxlfork needs a policy; list some under policies: clairvoyant, hybrid, migrate-now, migrate-on-access, migrate-on-write',
      'x.yaml:7:3: parameters.criu.dump_page_ns changes nothing: criu takes no part in this experiment; found kernel, cold-start, cxlfork, simulated',
      'x.yaml:8:10: fabric.cxl.latency_ns is both swept and drawn from a range; one of the two would be right',
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
      'x.yaml:2:1: a stands here a second time; each key once would be right',
      'x.yaml:3:1: a tab is used as indentation; spaces would be right',
      'x.yaml:4:4: not YAML: plain value cannot start with reserved character @; see https://yaml.org/spec/1.2.2',
      'x.yaml:5:4: not YAML: nested mappings are not allowed in compact mappings; see https://yaml.org/spec/1.2.2',
    ]);
  });

  it('is told what is wrong in the files it names, after its own lines', async () => {
    const profile = readFileSync(join(project_root, 'traces/float.yaml'), 'utf8');
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
      'fabric.yaml: source is missing; a sentence would be right',
      'fabric.yaml: node is missing; a mapping would be right',
      'fabric.yaml: cxl is missing; a mapping would be right',
    ]);
  });
});

describe('a wrong option stops with one line that names it', () => {
  for (const [overrides, message] of wrong_options) {
    it(message.slice(0, message.indexOf(': ')), async () => {
      assert.equal(await complaint(fileOf(sound), overrides), message);
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    });
  }
});

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
        `x.yaml:3:12: the name ${name} is taken; another file name would be right: results go by it`,
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
      'x.yaml:3:23: the name mine is taken; another file name would be right: results go by it',
    );
  });

  it('stop with one line: a workload float', async () => {
    const folder = scratchFolder({
      'x.yaml': sound.replace('[float]', '[./float.yaml]'),
      'float.yaml': profile,
    });
    assert.equal(
      await complaint(join(folder, 'x.yaml')),
      'x.yaml:4:13: results go by the name of the file, and a shipped workload is named float, too; a copy named my-float.yaml would be right',
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
    const text = `${readFileSync(file, 'utf8')}sweep: {workload.written_mb: [1, 20000]}\n`;
    writeFileSync(file, text);
    assert.equal(
      await complaint(file),
      'x.yaml:6:9: workload w with written_mb = 20000: written_mb is 20000, more than touched_mb (5); what is written is touched too, so at most that would be right',
    );
    assert.equal(
      await complaint(file, { set: ['workload.written_mb=6'] }),
      '--set workload.written_mb=6: workload w with written_mb = 6: written_mb is 6, more than touched_mb (5); what is written is touched too, so at most that would be right',
    );
  });

  for (const [what, files, message] of [
    ['no kind', { 'w.yaml': 'a: 1\n' }, /^w\.yaml: kind is missing; profile, trace or live would/],
    ['a kind there is not', { 'w.yaml': 'kind: x\n' }, /^w\.yaml:1:7: kind is "x"; profile, trace/],
    [
      'a misspelt field',
      { 'w.yaml': profile.replace('warm_ms', 'warm_us') },
      /^w\.yaml:14:1: warm_us is not a key; did you mean warm_ms\?$/,
    ],
    [
      'shares that do not sum to one',
      { 'w.yaml': profile.replace('init_share: 0.5', 'init_share: 0.4') },
      /^w\.yaml:5:13: init_share init_share, .* sum to 0.9; 1 would be right, within 0.001$/,
    ],
    [
      'a source of a field there is not',
      { 'w.yaml': `${profile}sources:\n  warm_us: x\n` },
      /^w\.yaml:19:3: sources\.warm_us is not a key; did you mean warm_ms\?$/,
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
        `a.cxltrace:byte ${at}: is cut short; the file as it was recorded would be right`,
      );
    });

    it('that is another version stops with one line', async () => {
      const other = traced.replace('a'.repeat(64), 'b'.repeat(64));
      assert.equal(
        await complaint(await withTrace(bytes, other)),
        `w.yaml:5:9: a.cxltrace is another version: its SHA-256 is ${sha256}; ${'b'.repeat(64)} would be right`,
      );
    });

    it('that is none stops with one line', async () => {
      assert.equal(
        await complaint(await withTrace(Buffer.from('#!/bin/sh of more than 20 bytes\n'))),
        'a.cxltrace:byte 0: is no recorded trace; a file that begins with CXLTRACE would be right',
      );
    });
  });
});
