/**
 * All tests: `npm test`. Virtual machines leave a processor idle much of the time, so the kernel module's tests run
 * beside all others. With `--bare-root` the others, and the module's builds, run in a bare Debian, in which nothing
 * that happens to be installed here can hide a missing step. The last line counts all.
 */

import { parseArgs } from 'node:util';
import { countLine, sum } from '../fresh-machine/count.ts';
import { countOfTests, runCommand } from './half.ts';

const { values } = parseArgs({ options: { 'bare-root': { type: 'boolean', default: false } } });
const print = (text: string) => process.stdout.write(text);

const check = await runCommand('npm run check', print);
if (check.code !== 0) {
  console.log(countLine({ passed: 0, failed: 1 }));
  process.exit(1);
}

const others = values['bare-root']
  ? 'npm run fresh-machine -- --only install,build,unit,scenario'
  : 'npm run unit';
const counts = await Promise.all([
  runCommand('npm run test:kernel', print).then(({ code, output }) => countOfTests(code, output)),
  // Shown when they end, so that their lines do not come among the others.
  runCommand(others, () => undefined).then(({ code, output }) => {
    print(output);
    return countOfTests(code, output);
  }),
]);
const count = sum(counts);
console.log(countLine(count));
process.exitCode = count.failed > 0 ? 1 : 0;
