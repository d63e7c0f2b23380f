import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MetricName } from '../../sim/metrics.ts';
import { answerOf } from '../../sim/report/page/answer.ts';
import { pageOfResults } from '../../sim/report/page/page-of-results.ts';
import { readResults } from '../../sim/results/read-results.ts';
import { type Group, summarize } from '../../sim/results/summarize.ts';
import { cxlsim } from '../cli/cxlsim.ts';
import { scratchFolder } from '../experiment/scratch-folder.ts';
import { stubMeasurements } from './stub-measurements.ts';

const experiment = `question: Is 1 < 2 & "x" > </script>?
mechanisms: [local-fork, cxlfork]
policies: [hybrid]
workloads: [float]
fabric: cxlfork-testbed
sweep:
  fabric.cxl.latency_ns: [100, 400]
figures: [sweep, phases-and-memory]
`;

describe('a page of results', function () {
  this.timeout(120_000);
  let cwd: string;
  let page: string;
  before(async () => {
    cwd = scratchFolder({ 'x.yaml': experiment });
    const { code, err } = await cxlsim(['run', 'x.yaml', '--out', 'o'], { cwd });
    assert.deepEqual([code, err], [0, '']);
    page = await pageOfResults(readResults(join(cwd, 'o')));
  });

  it('is one file that loads nothing, and that names cannot break', () => {
    const [head, ...scripts] = page.split('<script');
    assert.equal(scripts.length, 3);
    assert.doesNotMatch(
      page.replace(/<script>[\s\S]*?<\/script>/g, ''),
      /<link|<img|@import|\bsrc=|href="(?!#)/,
    );
    assert.ok(head!.includes('<h1>Is 1 &lt; 2 &amp; &quot;x&quot; &gt; &lt;/script&gt;?</h1>'));
    const data = JSON.parse(/id="data">([\s\S]*?)<\/script>/.exec(page)![1]!);
    assert.deepEqual(
      data.figures.map(({ name }: { name: string }) => name),
      ['sweep'],
    );
    const ids = [...page.matchAll(/<[^>]* id="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('has each number of the measurements in its table, a row for each system at each point', () => {
    const rows = [
      ...page.matchAll(/<tr data-system="([^"]*)" data-function="([^"]*)">(.*?)<\/tr>/g),
    ];
    const groups = summarize(readResults(join(cwd, 'o')).rows);
    assert.equal(rows.length, groups.length);
    for (const [index, group] of groups.entries()) {
      const cells = [...rows[index]![3]!.matchAll(/<t[hd][^>]*>([^<]*)/g)].map(([, text]) => text!);
      const { median } = group.metrics.end_to_end_ms!;
      assert.ok(cells.includes(String(Number(median.toPrecision(4)))), `${cells}: ${median}`);
    }
  });

  it('says what it answers, what is left out and why, and how to come to the same numbers', () => {
    assert.match(
      page,
      /<p class="answer">cxlfork under hybrid has the shortest first invocation|<p class="answer">Nothing/,
    );
    assert.match(page, /Figure phases-and-memory is left out: it has room for one swept value/);
    assert.match(page, /npx cxlsim run x\.yaml --out again/);
    assert.match(page, /parameters\.kernel\.bulk_page_ns/);
  });

  it('can be used by keyboard and with a screen reader: headings, names, states', () => {
    assert.match(page, /<html lang="en">/);
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    assert.equal(levels.filter((level) => level === 1).length, 1);
    for (const [region] of page.matchAll(/<div[^>]*tabindex="0"[^>]*>/g)) {
      assert.match(region, /role="region"/);
      assert.match(region, /aria-label(ledby)?="[^"]+"/);
    }
    assert.match(page, /<label for="words">/);
    assert.match(page, /role="status"/);
    for (const [head] of page.matchAll(/<th scope="col">.*?<\/th>/g)) {
      assert.match(head, /<button type="button">|^<th scope="col">\w+<\/th>$/);
    }
  });

  it('has the same bytes when it is made again', async () => {
    assert.equal(await pageOfResults(readResults(join(cwd, 'o'))), page);
  });

  it('is refused in one line where results were edited, cut short, or are of another version', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cxlsim-page-'));
    try {
      const { code, err } = await cxlsim(['run', join(cwd, 'x.yaml'), '--out', folder], { cwd });
      assert.deepEqual([code, err], [0, '']);
      const manifest = join(folder, 'manifest.json');
      const whole = readFileSync(manifest, 'utf8');
      const wrong = async (text: string, message: RegExp) => {
        writeFileSync(manifest, text);
        await assert.rejects(async () => pageOfResults(readResults(folder)), {
          name: 'InputError',
          message,
        });
      };
      await wrong(whole.slice(0, 400), /manifest\.json:\d+:\d+: .*; /);
      await wrong(
        whole.replace('"seed": 1', '"seed": 2'),
        /it is not as the run wrote it|expected/,
      );
      const { sha256: _, files: __, ...old } = JSON.parse(whole);
      delete old.configuration.fabrics;
      await wrong(
        JSON.stringify(old),
        /the configuration has no fabrics: another version of cxlsim wrote it; run/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('replaces an earlier page, and nothing else', async () => {
    writeFileSync(join(cwd, 'mine.html'), 'mine');
    const refused = await cxlsim(['report', 'o', '--out', 'mine.html'], { cwd });
    assert.deepEqual([refused.code, refused.out], [2, '']);
    assert.match(
      refused.err,
      /^mine\.html: no page of results .*expected another file with --out\n$/,
    );
    assert.equal(readFileSync(join(cwd, 'mine.html'), 'utf8'), 'mine');
    const { code, out } = await cxlsim(['report', 'o'], { cwd });
    assert.deepEqual([code, out], [0, 'page in o.html\n']);
    assert.equal(readFileSync(join(cwd, 'o.html'), 'utf8'), page);
  });
});

describe('the answer of results', () => {
  const groups = (
    systems: readonly (readonly [string, string])[],
    metrics?: MetricName[],
  ): Group[] =>
    summarize(
      stubMeasurements({ systems, workloads: ['float', 'bert'], ...(metrics && { metrics }) }),
    );
  const band = () => ({ low: 1, high: 2 });

  it('names the system that is fastest at most points, with its band, and how far the next is', () => {
    const own = groups(
      [
        ['local-fork', 'none'],
        ['cxlfork', 'hybrid'],
        ['criu', 'none'],
      ],
      ['end_to_end_ms'],
    );
    const sentence = answerOf(own, band)!;
    assert.match(
      sentence,
      /^cxlfork under hybrid has the shortest first invocation at 2 of 2 points: /,
    );
    assert.match(sentence, /float [\d.]+ ms \(band 1 to 2\); bert /);
    assert.match(
      sentence,
      /the next, criu, takes 1\.\d+ times as long; local-fork, .* 0\.\d+ times/,
    );
  });

  it('says that there is no band where there is none, and nothing where nothing can be compared', () => {
    const own = groups([
      ['cxlfork', 'hybrid'],
      ['criu', 'none'],
    ]);
    assert.match(answerOf(own, () => undefined)!, /ms \(no band\)/);
    assert.equal(answerOf(groups([['criu', 'none']]), band), undefined);
    assert.equal(
      answerOf(
        groups(
          [
            ['criu', 'none'],
            ['mitosis', 'none'],
          ],
          ['cow_faults'],
        ),
        band,
      ),
      undefined,
    );
  });
});
