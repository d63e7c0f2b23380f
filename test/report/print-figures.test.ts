import assert from 'node:assert/strict';
import type { Experiment } from '../../sim/experiment/experiment.ts';
import { readPrintFigure } from '../../sim/experiment/figure-file.ts';
import { installed } from '../../sim/experiment/installed.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { lacks } from '../../sim/report/figure-needs.ts';
import { hatchOf, linesOver } from '../../sim/report/print/hatches.ts';
import { mean_label, type Point } from '../../sim/report/print/point.ts';
import { pointsOf, type Tables } from '../../sim/report/print/points.ts';
import { drawForPrint, printPng, sizeOf, widthOf } from '../../sim/report/print/print-figure.ts';
import { notesOf } from '../../sim/report/print/print-notes.ts';
import { printPdf } from '../../sim/report/print/print-pdf.ts';
import { publishedIn } from '../../sim/report/print/published.ts';
import { printStyle, seriesOf } from '../../sim/report/print/style.ts';
import { scenarioOf } from '../../sim/scenarios/registry.ts';
import { stubMeasurements, stubSeries } from './stub-measurements.ts';
import { textsOf } from './texts-of-svg.ts';

const names = [...installed.print_figures.keys()];
const figures = names.map((name) => readPrintFigure(name, installed.print_figures.get(name)!));

/** Made-up tables of all that a shipped experiment runs. */
function measured({ scenario, mechanisms, policies, workloads, sweep }: Experiment): Tables {
  const systems = mechanisms.flatMap((mechanism): [string, string][] =>
    mechanism === 'cxlfork' ? policies.map(({ name }) => [mechanism, name]) : [[mechanism, 'none']],
  );
  const swept = Object.fromEntries(sweep.map(({ path, values }) => [path, values.map(String)]));
  const names = workloads.map(({ name }) => name);
  const together = scenarioOf({ scenario }).serving !== undefined;
  const shape = {
    ...{ systems, swept, repetitions: 1 },
    workloads: together ? [`${names.length} functions`] : names,
  };
  return { rows: stubMeasurements(shape), series: stubSeries(shape, names.length) };
}

const known_by_name = new Map<string, Point[]>();
const experiments = new Map<string, Promise<Experiment>>();

async function pointsFor(figure: (typeof figures)[number]): Promise<Point[]> {
  const known_points = known_by_name.get(figure.name);
  if (known_points !== undefined) return known_points;
  const { experiment: name, published } = figure.print;
  const loading = experiments.get(name) ?? loadExperiment(installed.experiments.get(name)!);
  experiments.set(name, loading);
  const experiment = await loading;
  const known = published && (await publishedIn(published.source, published.figure));
  const points = pointsOf(figure, experiment, measured(experiment), known);
  known_by_name.set(figure.name, points);
  return points;
}

/** As bright as a grey printer makes a colour, from 0 to 1. */
function brightness(fill: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(fill.slice(at, at + 2), 16) / 255);
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

describe('figures for print', function () {
  this.timeout(120_000);

  for (const figure of figures) {
    describe(figure.name, () => {
      let points: Point[];
      const drawn = new Map<number, string>();
      before(async () => {
        points = await pointsFor(figure);
        for (const columns of figure.print.columns) {
          const notes = notesOf(figure, points, undefined, 1);
          const { svg, warnings } = await drawForPrint(figure, points, {
            columns,
            head: [],
            notes,
          });
          assert.deepEqual(warnings, []);
          drawn.set(columns, svg);
        }
      });

      it('has what it needs of its experiment', () => {
        const rows = points.filter(({ mechanism }) => mechanism !== '');
        assert.equal(lacks(figure.needs, rows), undefined);
      });

      it('is as wide as its column, with 6 pt at least and no text over another', () => {
        for (const columns of figure.print.columns) {
          const svg = drawn.get(columns)!;
          assert.ok(Math.abs(sizeOf(svg).width - widthOf(columns)) < 0.01);
          assert.match(svg, new RegExp(`width="${printStyle().width_mm[columns]}mm"`));
          assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
          const sizes = [...svg.matchAll(/font-size="([\d.]+)px"/g)].map(([, size]) =>
            Number(size),
          );
          assert.ok(sizes.length > 5 && Math.min(...sizes) >= 6, `${Math.min(...sizes)} pt`);
          const texts = textsOf(svg);
          for (const [index, a] of texts.entries()) {
            assert.ok(a.left >= 0 && a.right <= widthOf(columns), `${a.text} is cut off`);
            for (const b of texts.slice(index + 1)) {
              const apart =
                a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
              assert.ok(apart, `${a.text} over ${b.text}`);
            }
          }
        }
      });

      it('says a number of each function in its marks', () => {
        const spoken = [...drawn.values()].map(
          (svg) => new Set(svg.match(/(?<=aria-label="[^"]*)\d+(?:\.\d+)?/g)),
        );
        const metrics = drawnMetrics(figure.spec);
        const measured_points = points.filter((each) => metrics(each.metric));
        assert.ok(measured_points.length > 0);
        for (const name of new Set(measured_points.map((point) => point.function))) {
          const own = measured_points.filter((each) => each.function === name);
          const is_said = (numbers: ReadonlySet<string>) =>
            own.some(({ value }) => formsOf(value).some((form) => numbers.has(form)));
          assert.ok(spoken.every(is_said), name);
        }
      });
    });
  }

  it('has marks that are told apart without colour: by hatch, shape, or brightness', () => {
    for (const [column, all] of Object.entries(printStyle().series)) {
      const series = Object.values(all);
      for (const [index, a] of series.entries()) {
        for (const b of series.slice(index + 1)) {
          const apart =
            a.hatch !== b.hatch ||
            a.shape !== b.shape ||
            Math.abs(brightness(a.fill) - brightness(b.fill)) > 0.2;
          assert.ok(apart, `${column}: ${a.label} and ${b.label}`);
        }
      }
    }
    const unknown = seriesOf('system', ['Cold', 'a', 'b', 'c', 'd', 'e']);
    const looks = new Set(unknown.map(({ fill, hatch }) => `${fill} ${hatch}`));
    assert.equal(looks.size, 6);
  });

  it('shows what is published in the same words: each value of the claims of its figure', async () => {
    const figure = figures.find(({ name }) => name === 'fork-latency')!;
    const points = await pointsFor(figure);
    const published = await publishedIn('cxlfork', 'figure 7a');
    const claimed = published.claims.filter(({ family }) => family === 'end-to-end-criu');
    assert.equal(claimed.length, 6);
    for (const { key, published: value } of claimed) {
      const point = points.find(
        (each) =>
          each.mechanism === 'criu' && each.workload === key && each.metric === 'end_to_end_ms',
      );
      assert.equal(point!.published, (value as { value: number }).value);
    }
    const memory = await pointsFor(figures.find(({ name }) => name === 'fork-memory')!);
    const mean = memory.find(
      (each) =>
        each.function === mean_label &&
        each.mechanism === 'mitosis' &&
        each.metric === 'local_memory_mb',
    );
    assert.equal(mean!.published, 0.3162);
  });

  it('says whose published values it shows, and what whiskers are', async () => {
    const figure = figures.find(({ name }) => name === 'bert-latency')!;
    const points = await pointsFor(figure);
    const published = await publishedIn('cxlfork', 'figure 7a');
    const [note] = notesOf(figure, points, published, 3);
    assert.match(note!, /◊ published: Alverti et al\., .*CC BY 4\.0.*, figure 7a\./);
    assert.match(note!, /Whiskers: 90 % band/);
    const unpublished = points.map(({ published: _, low: __, ...point }) => point);
    assert.doesNotMatch(notesOf(figure, unpublished, published, 3)[0]!, /published|Whiskers/);
  });
});

describe('a figure as PDF', () => {
  it('has the size of its column, the shipped font, no date, and the same bytes each time', async () => {
    const figure = figures.find(({ name }) => name === 'cold-start-parts')!;
    const points = await pointsFor(figure);
    const drawn = await drawForPrint(figure, points, {
      columns: 1,
      head: [],
      notes: ['a & b < c'],
    });
    const again = await drawForPrint(figure, points, {
      columns: 1,
      head: [],
      notes: ['a & b < c'],
    });
    assert.equal(again.svg, drawn.svg);
    assert.ok(Buffer.from(printPng(again.svg)).equals(Buffer.from(printPng(drawn.svg))));
    const pdf = Buffer.from(await printPdf(drawn.svg, figure.name));
    assert.ok(pdf.equals(Buffer.from(await printPdf(drawn.svg, figure.name))));
    const text = pdf.toString('latin1');
    assert.match(text, /^%PDF-1\.3/);
    assert.doesNotMatch(text, /CreationDate|ModDate|CreateDate/);
    assert.match(text, /\/FontFile2/);
    const { width, height } = sizeOf(drawn.svg);
    assert.ok(text.includes(`/MediaBox [0 0 ${width} ${height}]`), /MediaBox[^\]]*/.exec(text)![0]);
  });

  it('draws a hatch by lines through every square of its box', () => {
    const hatch = hatchOf('url(#hatch-back-FFFFFF)')!;
    assert.equal(hatch.fill, '#FFFFFF');
    const box = { left: 0, top: 0, right: 4 * hatch.size, bottom: 2 * hatch.size };
    assert.equal([...linesOver(hatch, box)].length, 8 * hatch.lines.length);
    assert.equal(hatchOf('#FFFFFF'), undefined);
  });
});

/** Whether the figure names a metric. */
function drawnMetrics(spec: object): (metric: string) => boolean {
  const text = JSON.stringify(spec);
  return (metric) => text.includes(metric);
}

/** A number as labels write it: four digits, three decimals, or as a percentage. */
function formsOf(value: number): string[] {
  return [String(Number(value.toPrecision(4))), value.toFixed(3), (100 * value).toFixed(1)];
}
