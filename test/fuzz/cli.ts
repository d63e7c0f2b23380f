/**
 * `npm run fuzz`: mutated inputs of all kinds, each refused with its place or taken as it is.
 *
 *     npm run fuzz -- --cases 5000 --seed 7 --kind fabric     what fails is kept, with the command that replays it
 */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import yargs from 'yargs';
import type { CaseName } from './case.ts';
import { casesOf, fuzz, keep } from './fuzz.ts';
import { kindOf, kinds } from './kinds/registry.ts';

const options = yargs(process.argv.slice(2))
  .scriptName('npm run fuzz --')
  .option('seed', { type: 'number', default: 1, describe: 'decides every mutation' })
  .option('cases', { type: 'number', default: 500, describe: 'how many inputs' })
  .option('from', { type: 'number', default: 0, describe: 'number of the first' })
  .option('kind', { choices: Object.keys(kinds), describe: 'one kind of input [each in turn]' })
  .option('case', { type: 'number', describe: 'this one alone, with --kind' })
  .option('mutations', { type: 'string', describe: 'some of its mutations, as 0,2' })
  .option('keep', {
    type: 'string',
    default: join(tmpdir(), 'cxlsim-fuzz-failures'),
    describe: 'folder for the inputs that fail',
  })
  .strict()
  .parseSync();

const { seed, from, kind, mutations, cases: count } = options;
const cases: CaseName[] =
  options.case === undefined
    ? casesOf({ kind, seed, from, count })
    : [
        {
          kind: kind ?? kindOf(options.case),
          seed,
          number: options.case,
          ...(mutations !== undefined && { mutations: mutations.split(',').map(Number) }),
        },
      ];
const { tallies, failures } = await fuzz(cases, (failure) => {
  console.log(keep(failure, options.keep));
});
for (const [name, { refused, accepted }] of tallies) {
  console.log(`${name.padEnd(12)} ${refused} refused, ${accepted} accepted`);
}
console.log(`${cases.length} inputs, ${failures.length} failed`);
process.exitCode = failures.length > 0 ? 1 : 0;
