/** Laws of what a figure of the user’s may read: columns of the measurements, and what its transforms make. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkFields, marks } from '../../sim/experiment/figure-fields.ts';
import { figureSpec } from '../../sim/experiment/figure-file.ts';
import { installed } from '../../sim/experiment/installed.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { drawnColumns } from '../../sim/experiment/measured-columns.ts';
import { scratchFolder } from './scratch-folder.ts';
import { complaint, sound } from './sound-experiment.ts';

const path = 'fabric.cxl.latency_ns';
const data = { name: 'measurements' };

/** An experiment that sweeps the latency, beside a figure of these lines. */
function fileWith(text: string): string {
  const folder = scratchFolder({
    'x.yaml': `${sound}sweep: {${path}: [100, 200]}\nfigures: [mine.vl.json]\n`,
    'mine.vl.json': text,
  });
  return join(folder, 'x.yaml');
}

const lines = (spec: object) => JSON.stringify(spec, null, 2);

const sees = (field: string, transform: object[] = []) =>
  lines({ data, mark: 'bar', transform, encoding: { x: { field } } });

describe('fields of a figure', () => {
  for (const [what, text, message] of [
    [
      'a column by a slip of its name',
      sees('mechanizm'),
      /^mine\.vl\.json:9:16: the measurements have no column mechanizm; did you mean mechanism\?$/,
    ],
    [
      'a swept path with bare dots',
      sees(path),
      /^mine\.vl\.json:9:16: field fabric\.cxl\.latency_ns is read as fabric, .*; expected "fabric\\\\\.cxl\\\\\.latency_ns" /,
    ],
    [
      'a swept path that is not swept',
      sees('fabric\\.cxl\\.read_gb_per_s'),
      /mine\.vl\.json:9:16: the measurements have no column fabric/,
    ],
    [
      'a column that an aggregate has dropped',
      sees('policy', [
        { aggregate: [{ op: 'median', field: 'value', as: 'm' }], groupby: ['workload'] },
      ]),
      /no column policy; found workload, m$/,
    ],
    [
      'a slip in a transform',
      sees('value', [{ aggregate: [{ op: 'median', field: 'vaule', as: 'value' }] }]),
      /^mine\.vl\.json:11:20: .* no column vaule; did you mean value\?$/,
    ],
    [
      'a slip in a grouping',
      sees('m', [{ joinaggregate: [{ op: 'max', field: 'value', as: 'm' }], groupby: ['polcy'] }]),
      /no column polcy; did you mean policy\?$/,
    ],
    [
      'a slip in a filter',
      sees('value', [{ filter: { field: 'metrik', equal: 'warm_ms' } }]),
      /no column metrik; did you mean metric\?$/,
    ],
    [
      'a slip in a layer below a facet',
      lines({
        data,
        facet: { row: { field: 'workload' } },
        spec: { layer: [{ mark: 'bar', encoding: { tooltip: [{ field: 'valu' }] } }] },
      }),
      /no column valu; did you mean value\?$/,
    ],
    [
      'no mark',
      lines({ data, mark: 'bra' }),
      /^mine\.vl\.json:5:11: no mark named bra; did you mean bar\?$/,
    ],
    [
      'no mark in a layer',
      lines({ data, layer: [{ mark: { type: 'pont' } }] }),
      /^mine\.vl\.json:8:17: no mark named pont; did you mean point\?$/,
    ],
    [
      'data of another name',
      lines({ data: { name: 'measurment' }, mark: 'bar' }),
      /^mine\.vl\.json: no data is named "measurment"; expected "data": \{"name": "measurements"\}$/,
    ],
  ] as const) {
    it(`are refused with their place where they name ${what}`, async () => {
      assert.match(await complaint(fileWith(text)), message);
    });
  }

  for (const [what, text] of [
    ['columns', sees('workload')],
    ['swept paths with escaped dots, or in brackets', sees('fabric\\.cxl\\.latency_ns')],
    ['a path in brackets', sees(`['${path}']`)],
    ['what a calculation makes', sees('a', [{ calculate: '1', as: 'a' }])],
    ['a part of what a calculation makes', sees('a.b[0]', [{ calculate: '{b: [1]}', as: 'a' }])],
    ['what a bin makes', sees('b_end', [{ bin: true, field: 'value', as: 'b' }])],
    ['what a fold makes', sees('key', [{ fold: ['value'] }])],
    ['what nobody can tell, of a pivot', sees('warm_ms', [{ pivot: 'metric', value: 'value' }])],
    [
      'a value that is imputed',
      sees('value', [{ impute: 'value', key: 'repetition', value: 'x' }]),
    ],
    [
      'rows of a layer’s own',
      lines({
        data,
        layer: [{ data: { values: [{ z: 1 }] }, mark: 'rule', encoding: { y: { field: 'z' } } }],
      }),
    ],
    [
      'a path that its needs name',
      lines({
        data,
        mark: 'bar',
        usermeta: { cxlsim: { needs: { swept: ['children.count'] } } },
        encoding: { x: { field: 'children\\.count' } },
      }),
    ],
  ] as const) {
    it(`may be ${what}`, async () => {
      assert.equal((await loadExperiment(fileWith(text))).figures.length, 1);
    });
  }

  it('of shipped figures are there', () => {
    for (const [name, file] of installed.figures) {
      const text = readFileSync(file, 'utf8');
      const { data, needs } = figureSpec(name, file, text);
      const of = data === 'series' ? data : 'measurements';
      checkFields(name, text, JSON.parse(text), drawnColumns(of, [path, ...(needs.swept ?? [])]));
    }
  });

  it('are drawn by the marks that Vega-Lite has', () => {
    const schema = new URL(
      '../../node_modules/vega-lite/build/vega-lite-schema.json',
      import.meta.url,
    );
    const { Mark, BoxPlot, ErrorBand, ErrorBar } = JSON.parse(
      readFileSync(schema, 'utf8'),
    ).definitions;
    const composite = [BoxPlot, ErrorBand, ErrorBar].map((each) => each.const);
    assert.deepEqual([...marks].sort(), [...Mark.enum, ...composite].sort());
  });
});
