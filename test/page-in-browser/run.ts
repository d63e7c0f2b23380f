/**
 * `npm run page-in-browser`: opens a page of results in headless Chromium, light and dark, uses it, and lets axe-core
 * judge it. Not among the tests that every change runs, since Chromium is hundreds of megabytes.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pageOfResults } from '../../sim/report/page/page-of-results.ts';
import { readResults } from '../../sim/results/read-results.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const cxlsim = here('../../sim/cli/cxlsim.cjs');

const schemes = { light: [], dark: ['--blink-settings=preferredColorScheme=0'] };

function run(command: string, words: readonly string[], timeout_ms: number): string {
  const { status, stdout, stderr, error } = spawnSync(command, [...words], {
    ...{ encoding: 'utf8', timeout: timeout_ms, maxBuffer: 2 ** 28 },
  });
  if (error !== undefined || status !== 0) {
    throw new Error(`${command}: ${error?.message ?? stderr}`);
  }
  return stdout;
}

const folder = mkdtempSync(join(tmpdir(), 'cxlsim-browser-'));
try {
  const results = join(folder, 'results');
  const words = [
    'run',
    'functions',
    '--workload',
    'float',
    '--workload',
    'json',
    '--set',
    'repetitions=1',
  ];
  run(cxlsim, [...words, '--out', results], 600_000);
  const page = await pageOfResults(readResults(results));
  const axe = readFileSync(here('../../node_modules/axe-core/axe.min.js'), 'utf8');
  const within = readFileSync(here('./within.js'), 'utf8');
  const file = join(folder, 'page.html');
  writeFileSync(
    file,
    page.replace('</body>', () => `<script>${axe}</script><script>${within}</script></body>`),
  );
  for (const [scheme, options] of Object.entries(schemes)) {
    const dom = run(
      'chromium',
      [
        ...[
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--hide-scrollbars',
          '--window-size=1280,2400',
        ],
        ...[...options, '--virtual-time-budget=60000', '--dump-dom', `file://${file}`],
      ],
      300_000,
    );
    const [, found] = /data-found="([^"]*)"/.exec(dom) ?? [];
    if (found === undefined) throw new Error('the page did not come to an end in the browser');
    const { faults, figures, rows } = JSON.parse(
      found
        .replaceAll('&quot;', '"')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&'),
    );
    console.log(`${scheme}: ${figures} figures, ${rows} rows, ${faults.length} faults`);
    for (const fault of faults) console.log(`  ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
  }
} catch (error) {
  console.error((error as Error).message);
  console.error('expected Chromium, as Debian’s package chromium has it');
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
