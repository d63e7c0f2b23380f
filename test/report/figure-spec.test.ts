/** Laws of reading a figure's specification. */

import assert from 'node:assert/strict';
import { figureSpec } from '../../sim/experiment/figure-file.ts';
import { lacks } from '../../sim/report/figure-needs.ts';
import { renderFigure } from '../../sim/report/render-figure.ts';
import { stubMeasurements, systems } from './stub-measurements.ts';

const rows = stubMeasurements({ systems, workloads: ['float', 'bert'] });

const textOf = (cxlsim: unknown, spec: object = {}) =>
  JSON.stringify({ data: { name: 'measurements' }, mark: 'bar', usermeta: { cxlsim }, ...spec });

describe('figure specification', () => {
  for (const [what, text, message] of [
    [
      'that is not JSON',
      '{"mark": ',
      /^x\.vl\.json:1:10: not JSON: the text ends within a value; expected a Vega-Lite specification in JSON$/,
    ],
    ['that is null', 'null', /^x\.vl\.json:1:1: the file holds no mapping; expected a Vega-Lite /],
    [
      'without data',
      '{"mark": "bar"}',
      /^x\.vl\.json: data is missing; expected "data": \{"name": /,
    ],
    [
      'with data of its own',
      textOf({ needs: {} }, { data: { name: 'measurements', values: [1] } }),
      /^x\.vl\.json: data is not the measurements alone; expected "data": /,
    ],
    [
      'with data of another file',
      textOf({ needs: {} }, { data: { url: '/etc/passwd' } }),
      /^x\.vl\.json: data is not the measurements alone; expected "data": /,
    ],
    [
      'with an unknown key',
      textOf({ needs: { metric: ['warm_ms'] } }),
      /^x\.vl\.json: usermeta\.cxlsim\.needs: .*"metric"/,
    ],
    [
      'with an unknown metric',
      textOf({ needs: { metrics: ['warm_us'] } }),
      /^x\.vl\.json: usermeta\.cxlsim\.needs\.metrics\.0: .*warm_ms/,
    ],
  ] as const) {
    it(`${what} is refused in one line`, () => {
      assert.throws(() => figureSpec('x', 'x.vl.json', text), { name: 'InputError', message });
    });
  }

  it('that Vega-Lite cannot draw is refused in one line', async () => {
    const broken = figureSpec('x', 'x.vl.json', textOf({ needs: {} }, { mark: undefined }));
    await assert.rejects(renderFigure(broken, rows, ''), {
      name: 'InputError',
      message:
        /^x\.vl\.json: cannot be drawn: .{1,200}; expected a specification that Vega-Lite 6 accepts$/,
    });
  });

  it('loads nothing while it is drawn: not from this machine, not from the network', async () => {
    const layer = [{ mark: 'bar' }, { mark: 'point', data: { url: '/etc/hostname' } }];
    const text = textOf({ needs: {} }, { mark: undefined, layer });
    const { warnings } = await renderFigure(figureSpec('x', 'x.vl.json', text), rows, '');
    assert.match(warnings.join(), /a figure loads nothing; expected data by name/);
  });

  it('draws the same bytes twice, also where marks are clipped and Vega numbers its definitions', async () => {
    const mark = { type: 'bar', clip: true };
    const encoding = { y: { field: 'value', type: 'quantitative', scale: { domain: [0, 9] } } };
    const clipped = figureSpec('x', 'x.vl.json', textOf({ needs: {} }, { mark, encoding }));
    const [first, second] = [
      await renderFigure(clipped, rows, ''),
      await renderFigure(clipped, rows, ''),
    ];
    assert.match(first!.svg, /<clipPath/);
    assert.equal(first!.svg, second!.svg);
  });

  it('fills the symbols of a legend by their scale where the specification outlines them, lines or not', async () => {
    const legend = { symbolStrokeColor: '#345678', symbolType: 'diamond' };
    for (const type of ['line', 'point', 'bar']) {
      const encoding = { color: { field: 'mechanism', type: 'nominal', legend } };
      const spec = figureSpec(
        'x',
        'x.vl.json',
        textOf({ needs: {} }, { mark: { type, filled: type !== 'line' }, encoding }),
      );
      const { svg } = await renderFigure({ ...spec, colour_by: 'system' }, rows, '');
      const symbols = svg.match(/<path[^>]*stroke="#345678"[^>]*>/g) ?? [];
      const fills = symbols.map((path) => path.match(/fill="([^"]*)"/)?.[1]);
      assert.equal(new Set(fills).size, new Set(rows.map(({ mechanism }) => mechanism)).size, type);
      assert.ok(
        fills.every((fill) => fill?.startsWith('#')),
        type,
      );
    }
  });

  it('that Vega-Lite warns of is drawn, and the warning told', async () => {
    const encoding = {
      y: { field: 'value', type: 'quantitative', scale: { type: 'log', zero: true } },
    };
    const odd = figureSpec('x', 'x.vl.json', textOf({ needs: {} }, { encoding }));
    assert.match((await renderFigure(odd, rows, '')).warnings.join(), /zero/);
  });
});

describe('needs of a figure', () => {
  const swept = stubMeasurements({
    systems,
    workloads: ['bert'],
    swept: { 'fabric.cxl.latency_ns': ['100', '400'] },
  });

  it('are met by measurements that hold all of them', () => {
    assert.equal(lacks({}, rows), undefined);
    assert.equal(
      lacks(
        { metrics: ['warm_ms'], mechanisms: ['criu'], several: ['workload'], single: ['swept'] },
        rows,
      ),
      undefined,
    );
    assert.equal(lacks({ swept: ['fabric.cxl.latency_ns'], single: ['swept'] }, swept), undefined);
  });

  it('are told all at once where metrics, mechanisms and swept keys are absent', () => {
    const few = rows.filter(
      ({ metric, mechanism }) => metric !== 'warm_ms' && mechanism !== 'criu',
    );
    assert.equal(
      lacks({ metrics: ['warm_ms'], mechanisms: ['criu'], swept: ['fabric.nodes'] }, few),
      'the measurements have no warm_ms, no criu, no fabric.nodes',
    );
  });

  it('are told where something varies that must not, or does not that must', () => {
    assert.equal(
      lacks({ single: ['workload'] }, rows),
      'it has room for one workload, and there are 2',
    );
    assert.equal(
      lacks({ single: ['swept'] }, swept),
      'it has room for one swept value, and there are 2 (figure sweep has room for all)',
    );
    assert.equal(
      lacks({ several: ['workload'] }, swept),
      'it compares several of one kind (workload), and there is one',
    );
  });
});
