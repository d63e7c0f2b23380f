/** What every figure specification in experiments/figures must do, found as the program finds them. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';
import { readFigure, shippedFigure } from '../../sim/experiment/figure-file.ts';
import { band_columns } from '../../sim/experiment/measured-columns.ts';
import { type MetricName, metricNames } from '../../sim/metrics.ts';
import { lacks } from '../../sim/report/figure-needs.ts';
import { font_family, font_path } from '../../sim/report/font-metrics.ts';
import { type Figure, renderFigure } from '../../sim/report/render-figure.ts';
import type { Measurement } from '../../sim/results/measurements-csv.ts';
import { meet } from '../../sim/results/points.ts';
import type { SeriesPoint } from '../../sim/results/series-csv.ts';
import { type Group, summarize, summaryOf } from '../../sim/results/summarize.ts';
import { seriesNames } from '../../sim/series.ts';
import {
  type StubShape,
  stubMeasurements,
  stubSeries,
  systems,
} from '../report/stub-measurements.ts';
import { textsOf } from '../report/texts-of-svg.ts';

type Row = Measurement | SeriesPoint;

/** Makes rows of each kind. */
const makers: Readonly<Record<string, (shape: StubShape) => Row[]>> = {
  measurements: (shape) => stubMeasurements(shape).map((row) => withBand(row, shape)),
  series: stubSeries,
};

/** Of shapes without a cold start nothing has a band; of the others all that is no input. */
function withBand(row: Measurement, shape: StubShape): Measurement {
  if (!shape.systems.some(([mechanism]) => mechanism === 'cold-start')) return row;
  const is_input = ['cold-start', 'local-fork'].includes(row.mechanism);
  const ends = is_input ? [null, null] : [0.9 * row.value, 1.3 * row.value];
  const band = { band_low: ends[0], band_high: ends[1] };
  return { ...row, ...band };
}

const folder = fileURLToPath(new URL('../../experiments/figures', import.meta.url));
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.vl.json'))
  .map((name) => name.slice(0, -'.vl.json'.length));

const subtitle = 'stub: made-up numbers, fabric of a test (CXL 391 ns), seed 1';

/** Shapes of measurements; a figure is drawn from each that has what it needs. */
const shapes: Readonly<Record<string, StubShape>> = {
  'one workload': { systems, workloads: ['bert'] },
  'one workload, forks only': { systems: systems.slice(1), workloads: ['bert'] },
  'three workloads': { systems, workloads: ['float', 'json', 'bert'] },
  'a sweep': {
    systems,
    workloads: ['float', 'bert'],
    swept: { 'fabric.cxl.latency_ns': ['100', '250', '400'] },
  },
  'a sweep of one workload': {
    systems,
    workloads: ['bert'],
    swept: { 'fabric.cxl.latency_ns': ['100', '400'] },
  },
  'a sweep over the number of children': {
    systems: systems.slice(2, 6),
    workloads: ['bert'],
    swept: { 'children.count': ['4', '16'] },
  },
  'a sweep over the number of children and their nodes': {
    systems: systems.slice(0, 6),
    workloads: ['bert'],
    swept: { 'children.count': ['4', '16', '64'], 'children.nodes': ['', '1', '4'] },
  },
  'branches of a microVM': {
    systems: [['forkd', 'none']],
    workloads: ['bert'],
    swept: {
      'parameters.sandbox.capture': ['full', 'live'],
      'parameters.sandbox.guest_mb': ['512', '2048'],
      'parameters.sandbox.storage': ['ssd', 'tmpfs'],
    },
  },
  'sandboxes by window': {
    systems: [
      ['docker', 'none'],
      ['deltabox', 'none'],
      ['e2b', 'none'],
    ],
    workloads: ['bert'],
    swept: {
      'children.count': ['1', '64'],
      'parameters.sandbox.window': ['api', 'verified'],
    },
  },
  'requests by program': {
    systems: [['tinykvm', 'none']],
    workloads: ['bert'],
    swept: {
      'parameters.tinykvm.program': ['rust', 'deno-hello'],
      'parameters.sandbox.reset': ['none', 'copy-back'],
      'parameters.sandbox.threads': ['1', '4'],
    },
  },
  'trees of forks': {
    systems: [
      ['forkd', 'none'],
      ['deltabox', 'none'],
    ],
    workloads: ['bert'],
    swept: {
      'children.count': ['1', '4'],
      'parameters.sandbox.tree_depth': ['1', '3'],
    },
  },
  'a sweep of what is hot': {
    systems: systems.slice(4),
    workloads: ['float', 'bert'],
    swept: { 'workload.accessed_share': ['0.1', '0.5'] },
  },
  'sessions of agents': {
    systems: [
      ['forkd', 'none'],
      ['deltabox', 'none'],
    ],
    workloads: ['bert'],
    swept: {
      'parameters.sandbox.capture': ['diff', 'live'],
      'parameters.sandbox.changing_share': ['0.25', '1'],
    },
  },
  'parents that share': {
    systems: [['forkd', 'none']],
    workloads: ['bert'],
    swept: {
      'parameters.sandbox.guest_mb': ['512', '65536'],
      'parameters.sandbox.dirty_mb': ['0', '512'],
    },
  },
  'chains of snapshots': {
    systems: [['forkd', 'none']],
    workloads: ['bert'],
    swept: {
      'parameters.sandbox.chain_depth': ['0', '2'],
      'parameters.sandbox.guest_mb': ['512', '2048'],
    },
  },
  'functions that a cluster serves, by memory': {
    systems: systems.slice(0, 5),
    workloads: ['10 functions'],
    swept: { 'fabric.node.local.capacity_mb': ['16384', '8192', '4096'] },
  },
  'functions that a cluster serves, by when they are checkpointed': {
    systems: systems.slice(0, 5),
    workloads: ['10 functions'],
    swept: { 'parameters.service.checkpoint_after': ['1', '16'] },
  },
  'functions that a cluster serves, by what fails': {
    systems: systems.slice(0, 5),
    workloads: ['10 functions'],
    swept: { 'parameters.service.fails': ['nothing', 'node', 'device', 'parent'] },
  },
  'functions that a cluster serves, by keep-alive': {
    systems: [systems[0]!, systems[4]!],
    workloads: ['10 functions'],
    swept: { keep_alive: ['fixed-ttl', 'cxlporter'], 'parameters.fixed-ttl.minutes': ['1', '10'] },
  },
  'functions that a cluster serves, by parts of a system': {
    systems: [systems[2]!, systems[4]!, ['cxlfork', 'dynamic']],
    workloads: ['10 functions'],
    swept: {
      keep_alive: ['fixed-ttl', 'cxlporter'],
      'parameters.service.shell': ['container', 'ghost'],
    },
  },
  'functions that a cluster serves, by rate': {
    systems: [['docker', 'none'], ['gvisor-restore', 'none'], systems[6]!],
    workloads: ['10 functions'],
    swept: { 'arrivals.rate_per_s': ['5', '80'] },
  },
  'functions that a cluster serves, by nodes and rate': {
    systems: [systems[1]!, systems[4]!],
    workloads: ['10 functions'],
    swept: { 'fabric.nodes': ['2', '16'], 'arrivals.rate_per_s': ['150', '1200'] },
  },
  'sandboxes by what runs in them': {
    systems: [
      ['docker', 'none'],
      ['firecracker-cold', 'none'],
    ],
    workloads: ['bert'],
    swept: { 'parameters.sandbox.runtime': ['workload', 'python', 'java'] },
  },
  'requests with and without their sandbox': {
    systems: [['tinykvm', 'none']],
    workloads: ['bert'],
    swept: {
      'parameters.tinykvm.program': ['rust', 'deno-hello', 'deno-react'],
      'parameters.tinykvm.runs': ['native', 'sandboxed'],
      'parameters.sandbox.reset': ['none', 'copy-back'],
    },
  },
  'a process beside microVMs': {
    systems: [systems[4]!, ['cxl-microvm', 'migrate-on-write'], ['cxl-microvm', 'hybrid']],
    workloads: ['bert'],
    swept: {
      'parameters.cxl-microvm.second_level': ['faulted', 'attached'],
      'parameters.cxl-microvm.page_size': ['4 KiB', '2 MiB'],
    },
  },
  'engines of a service': {
    systems: [['prefix-cache', 'none']],
    workloads: ['llm-servegen-m-large'],
    swept: { 'parameters.engine.hosts': ['1', '2'], 'parameters.rates.variation': ['1', '3'] },
  },
  'engines whose hosts share a pool': {
    systems: [
      ['recompute', 'none'],
      ['kv-pool', 'migrate-on-access'],
      ['kv-pool', 'migrate-on-write'],
    ],
    workloads: ['llm-agent-forks'],
    swept: {
      'fabric.cxl.read_gb_per_s': ['5', '60'],
      'parameters.agents.trunk_tokens': ['512', '8192'],
      'parameters.engine.hosts': ['2', '16'],
      'parameters.engine.model': ['llama-3.1-8b', 'llama-3.1-70b'],
    },
  },
  'engines whose agents search': {
    systems: [
      ['peer-cache', 'none'],
      ['kv-pool', 'migrate-on-access'],
      ['kv-pool', 'migrate-on-write'],
    ],
    workloads: ['llm-agent-forks'],
    swept: {
      'parameters.agents.search': ['trunk', 'mcts'],
      'parameters.agents.branches': ['2', '16'],
      'fabric.cxl.read_gb_per_s': ['5.1', '120'],
    },
  },
  'engines whose agents have adapters': {
    systems: [
      ['prefix-cache', 'none'],
      ['fork-kv', 'none'],
    ],
    workloads: ['llm-agent-forks'],
    swept: {
      'parameters.agents.adapter_rank': ['16', '64'],
      'parameters.agents.branches': ['2', '8', '32'],
      'parameters.agents.trunk_tokens': ['2048', '16384'],
    },
  },
  'engines whose agents have adapters, by memory': {
    systems: [
      ['prefix-cache', 'none'],
      ['fork-kv', 'none'],
    ],
    workloads: ['llm-agent-forks'],
    swept: {
      'parameters.engine.memory_share': ['0.3', '0.9'],
      'parameters.agents.branches': ['2', '64'],
      'parameters.agents.adapter_rank': ['16', '256'],
      'parameters.agents.trunk_tokens': ['2048', '16384'],
    },
  },
  'engines whose agents adapt some layers': {
    systems: [
      ['prefix-cache', 'none'],
      ['fork-kv', 'none'],
    ],
    workloads: ['llm-agent-forks'],
    swept: {
      'parameters.fork-kv.adapted_from_layer': ['0', '16', '31'],
      'parameters.agents.adapter_rank': ['16', '256'],
    },
  },
  'ten workloads with long names': {
    systems,
    workloads: Array.from({ length: 10 }, (_, index) => `recorded-function-${index}`),
  },
};

/** Made-up rows of each kind, of each shape: made once for all figures. */
const stubs = Object.fromEntries(
  Object.entries(makers).map(([kind, make]) => [
    kind,
    Object.entries(shapes).map(([shape, parts]) => ({ shape, rows: make(parts) })),
  ]),
);

describe('figures', () => {
  it('are there', () => assert.ok(names.length >= 4));

  for (const name of names) {
    describe(name, () => {
      const figure = readFigure(shippedFigure(name));
      const drawn = stubs[figure.data]!.filter(
        ({ rows }) => lacks(figure.needs, rows) === undefined,
      );

      it('is drawn from at least one shape of measurements and has a title', () => {
        assert.ok(drawn.length > 0, 'no shape has what it needs');
        assert.ok((figure.spec.title as { text: string }).text.length > 0);
        assert.match(figure.spec.description ?? '', /\.$/);
      });

      it('uses only columns that exist, or that it makes itself', () => {
        const columns = new Set([
          ...['experiment', 'backend', 'mechanism', 'policy', 'workload', 'repetition'],
          ...['metric', 'value', ...(figure.data === 'series' ? ['at'] : band_columns)],
          ...(figure.needs.swept ?? []),
          ...['swept_at', 'swept_beside', 'moved', 'moved_to'],
        ]);
        const { used, made } = fieldsOf(figure.spec);
        assert.deepEqual(
          [...used].filter((field) => !columns.has(field) && !made.has(field)),
          [],
        );
      });

      it('names every metric that it uses as one that it needs, or does without it', () => {
        const text = JSON.stringify(figure.spec);
        for (const metric of figure.needs.metrics ?? []) assert.ok(text.includes(metric), metric);
        const needed = new Set(figure.needs.metrics);
        const optional = [...metricNames, ...seriesNames].filter(
          (metric: string) => text.includes(metric) && !needed.has(metric as MetricName),
        );
        for (const { rows } of drawn) {
          const without = rows.filter(
            ({ metric }: Row) => !optional.some((name) => name === metric),
          );
          assert.equal(lacks(figure.needs, without), undefined);
        }
      });

      it('is left out with a reason where a metric that it needs is absent', () => {
        for (const absent of figure.needs.metrics ?? []) {
          const rows = drawn[0]!.rows.filter(({ metric }: Row) => metric !== absent);
          assert.equal(lacks(figure.needs, rows), `the measurements have no ${absent}`);
        }
      });

      it('has no bars on a logarithmic axis, which has no zero for them to stand on', () => {
        for (const { mark, encoding } of unitsOf(figure.spec)) {
          const { x, y } = encoding as Record<string, { scale?: { type?: string } } | undefined>;
          const logarithmic = [x, y].some((channel) => channel?.scale?.type === 'log');
          const type = typeof mark === 'string' ? mark : (mark as { type: string }).type;
          assert.ok(!(logarithmic && (type === 'bar' || type === 'area')));
        }
      });

      it('says 0.1 on its axes, and not 100m', () => {
        for (const { encoding } of unitsOf(figure.spec)) {
          for (const channel of ['x', 'y']) {
            const { axis } = ((encoding as Record<string, unknown>)[channel] ?? {}) as {
              axis?: { format?: string } | null;
            };
            assert.ok(!/s$/.test(axis?.format ?? ''), `format ${axis?.format}`);
          }
        }
      });

      let earliest: Figure;
      for (const { shape, rows } of drawn) {
        describe(`from ${shape}`, () => {
          let first: Figure;
          let labels: Set<string>;
          before(async () => {
            first = await renderFigure(figure, rows, subtitle);
            earliest ??= first;
            labels = labelsOf(first.svg);
          });

          it('compiles and draws without a warning', () => {
            assert.deepEqual(first.warnings, []);
          });

          it('says the numbers of the measurements in its labels', () => {
            const expected = expectations[name]?.(rows as Measurement[]);
            if (expected === undefined) assert.ok([...labels].some((label) => /\d/.test(label)));
            else {
              assert.ok(expected.length > 0);
              assert.deepEqual(
                expected.filter((label) => !labels.has(label)),
                [],
                `among ${[...labels].slice(0, 10).join(' | ')}`,
              );
            }
          });

          it('says in its subtitle what was simulated', () => {
            assert.ok(first.svg.includes('stub: made-up numbers'));
          });

          it('shows no value that is none', () => {
            assert.doesNotMatch(first.svg, /NaN|undefined|Infinity/);
          });

          it('has no text over another', () => {
            const texts = textsOf(first.svg);
            assert.ok(texts.length > 10);
            for (const [index, a] of texts.entries()) {
              for (const b of texts.slice(index + 1)) {
                const apart =
                  a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
                assert.ok(apart, `${a.text} over ${b.text}`);
              }
            }
          });

          it('has nothing cut off: its margin is white', () => {
            const { width, height, pixels } = new Resvg(first.svg, {
              font: {
                fontFiles: [font_path],
                loadSystemFonts: false,
                defaultFontFamily: font_family,
              },
            }).render();
            const ink = (x: number, y: number) => {
              const at = 4 * (y * width + x);
              return pixels[at]! + pixels[at + 1]! + pixels[at + 2]! < 3 * 255;
            };
            for (let margin = 0; margin < 6; margin++) {
              for (let x = 0; x < width; x++) {
                assert.ok(!ink(x, margin) && !ink(x, height - 1 - margin), `ink in column ${x}`);
              }
              for (let y = 0; y < height; y++) {
                assert.ok(!ink(margin, y) && !ink(width - 1 - margin, y), `ink in row ${y}`);
              }
            }
          });
        });
      }

      describe(`from ${drawn[0]?.shape}, after all others`, () => {
        it('has the same bytes when drawn again', async () => {
          const again = await renderFigure(figure, drawn[0]!.rows, subtitle);
          assert.equal(again.svg, earliest.svg);
          assert.ok(Buffer.from(again.png).equals(earliest.png));
        });
      });
    });
  }
});

/** The single views of a specification: what has a mark and encodings. */
function unitsOf(spec: object): { mark: unknown; encoding: object }[] {
  const inner = Object.values(spec).flatMap((value) =>
    typeof value === 'object' && value !== null ? unitsOf(value) : [],
  );
  return 'mark' in spec && 'encoding' in spec ? [spec as never, ...inner] : inner;
}

/** Fields that a specification reads, in encodings, transforms and expressions, and that it makes. */
function fieldsOf(spec: object): { used: Set<string>; made: Set<string> } {
  const used = new Set<string>();
  const made = new Set<string>();
  const visit = (value: unknown, key: string) => {
    if (typeof value === 'string') {
      if (key === 'field' || key === 'groupby' || key === 'flatten' || key === 'stack') {
        used.add(value.replaceAll('\\.', '.'));
      }
      if (key === 'as') made.add(value);
      // A label's datum is its axis's, and not a row.
      const fields = key === 'labelExpr' ? '' : value;
      for (const [, dotted, quoted] of fields.matchAll(/datum(?:\.(\w+)|\['([^']+)'\])/g)) {
        used.add((dotted ?? quoted)!);
      }
    } else if (Array.isArray(value)) {
      for (const part of value) visit(part, key);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, part] of Object.entries(value)) visit(part, name);
    }
  };
  visit(spec, '');
  return { used, made };
}

function labelsOf(svg: string): Set<string> {
  return new Set(
    [...svg.matchAll(/aria-label="([^"]*)"/g)].map(([, label]) => label!.replaceAll('&amp;', '&')),
  );
}

const systemOf = ({ mechanism, policy }: Pick<Group, 'mechanism' | 'policy'>) =>
  policy === 'none' ? mechanism : `${mechanism}, ${policy}`;

/** Four significant digits without trailing zeros, as the labels have them. */
const digits = (value: number) => String(Number(value.toPrecision(4)));

/** What the labels of the shipped figures must say, worked out without Vega. */
const expectations: Readonly<Record<string, (rows: readonly Measurement[]) => string[]>> = {
  'phases-and-memory': (rows) =>
    summarize(rows).flatMap((group) =>
      (
        ['restore_ms', 'faults_ms', 'execution_ms', 'local_memory_mb', 'cxl_memory_mb'] as const
      ).map((metric) => `${systemOf(group)}: ${metric} ${digits(group.metrics[metric]!.median)}`),
    ),
  functions: (rows) => {
    const groups = summarize(rows);
    const cold = (group: Group) =>
      groups.find((peer) => peer.mechanism === 'cold-start' && meet(peer, group))!;
    const share = (group: Group) =>
      group.metrics.local_memory_mb!.median / cold(group).metrics.local_memory_mb!.median;
    const average = (system: string) => {
      const shares = groups.filter((group) => systemOf(group) === system).map(share);
      return shares.reduce((sum, each) => sum + each, 0) / shares.length;
    };
    return groups.flatMap((group) => [
      ...(['restore_ms', 'faults_ms', 'execution_ms'] as const).map(
        (metric) =>
          `${group.workload}, ${systemOf(group)}: ${metric} ${digits(group.metrics[metric]!.median)}`,
      ),
      `${group.workload}, ${systemOf(group)}: local memory ${share(group).toFixed(3)} of cold start`,
      `Average, ${systemOf(group)}: local memory ${average(systemOf(group)).toFixed(3)} of cold start`,
    ]);
  },
  tiering: (rows) =>
    summarize(rows)
      .filter(({ policy }) => policy !== 'none')
      .flatMap((group) =>
        (['end_to_end_ms', 'warm_ms', 'local_memory_mb'] as const).map(
          (metric) =>
            `${group.workload}, ${group.policy}: ${metric} ${digits(group.metrics[metric]!.median)}`,
        ),
      ),
  nodes: (rows) => {
    const points = rows as unknown as SeriesPoint[];
    return points
      .filter(({ metric, repetition }) => metric === 'node_memory_mb' && repetition === 0)
      .map((point) => {
        const same = points.filter(
          (other) =>
            systemOf(other) === systemOf(point) &&
            [other.at, other.metric].join() === [point.at, point.metric].join() &&
            other.swept['children.count'] === point.swept['children.count'],
        );
        const { median } = summaryOf(same.map(({ value }) => value));
        const count = point.swept['children.count'];
        return `${systemOf(point)}, ${count} children, node ${point.at}: memory ${digits(median)}`;
      });
  },
  'cxl-latency': (rows) => {
    const groups = summarize(rows);
    return groups
      .filter(({ mechanism }) => mechanism !== 'local-fork')
      .flatMap((group) => {
        const fork = groups.find((peer) => peer.mechanism === 'local-fork' && meet(peer, group))!;
        return (['end_to_end_ms', 'warm_ms'] as const).map((metric) => {
          const base = fork.values.get(metric)!;
          const ratios = [...group.values.get(metric)!].map(([i, value]) => value / base.get(i)!);
          const latency_ns = group.swept['fabric.cxl.latency_ns'];
          return (
            `${group.workload}, ${systemOf(group)}, ${latency_ns} ns: ${metric} ` +
            `${digits(summaryOf(ratios).median)} of local fork`
          );
        });
      });
  },
};
