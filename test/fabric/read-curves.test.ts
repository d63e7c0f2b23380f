import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readCurves, readRows } from '../../sim/fabric/read-curves.ts';
import { InputError } from '../../sim/input/input-error.ts';

const header = 'system,read_pct,bandwidth_MBps,latency_ns';
const good = `${header}\na,100,1000,100\na,100,2000,150\na,50,1500,120\nb,100,1,1\n`;

/** The one line that the file is refused with. */
function refusal(csv: string): string {
  try {
    readCurves(csv, 'curves.csv', 'a', [1]);
  } catch (error) {
    assert.ok(error instanceof InputError);
    assert.ok(!error.message.includes('\n'));
    return error.message;
  }
  return assert.fail('the file was accepted');
}

describe('load-curve files', () => {
  it('give one system at the shares asked for, in GB/s', () => {
    assert.deepEqual(readCurves(good, 'curves.csv', 'a', [0.5, 1]), [
      { read_share: 0.5, points: [{ bandwidth_gb_per_s: 1.5, latency_ns: 120 }] },
      {
        read_share: 1,
        points: [
          { bandwidth_gb_per_s: 1, latency_ns: 100 },
          { bandwidth_gb_per_s: 2, latency_ns: 150 },
        ],
      },
    ]);
  });

  it('read the same with CRLF and with further columns', () => {
    const wide = good.replace(/^(.*)$/gm, (line) => (line === '' ? '' : `${line},x`));
    assert.deepEqual(readRows(good.replaceAll('\n', '\r\n'), 'f'), readRows(good, 'f'));
    assert.deepEqual(readRows(wide, 'f'), readRows(good, 'f'));
  });

  it('are refused where their last row may have been cut', () => {
    const message =
      'curves.csv:5: the last row has no end, so the file may be cut short; expected a line feed at its end';
    assert.equal(refusal(good.slice(0, -1)), message);
    assert.deepEqual(readRows(`\ufeff${good}`, 'x'), readRows(good, 'x'));
  });

  it('are refused with the line and what was expected', () => {
    assert.match(refusal(''), /^curves\.csv:1: no column system; expected system,read_pct,.*$/);
    assert.match(refusal('system,read_pct\n'), /^curves\.csv:1: no column bandwidth_MBps;/);
    assert.match(
      refusal(`${good}a,100,5\n`),
      /^curves\.csv:6: 3 cells; expected 4, as in the header/,
    );
    assert.match(
      refusal(`${good}a,100,x,5\n`),
      /^curves\.csv:6: bandwidth_MBps is "x"; expected a number/,
    );
    assert.match(refusal(`${good}a,101,1,5\n`), /^curves\.csv:6: read_pct is "101"; .* 0 to 100/);
    assert.match(refusal(`${good}a,100,-1,5\n`), /bandwidth_MBps is "-1"/);
    assert.match(refusal(`${good}a,100,1,\n`), /latency_ns is ""/);
    assert.match(refusal(`${good}a,100,1,Infinity\n`), /latency_ns is "Infinity"/);
    assert.match(refusal(`${good}\na,100,1,1\n`), /^curves\.csv:6: 1 cells;/);
    assert.match(
      refusal(`${header}\na,50,1,1\n`),
      /no point of a at a read share of 1; found 0.5$/,
    );
    assert.match(
      refusal(`${header}\nb,50,1,1\n`),
      /no point of a .*; expected a system of that file/,
    );
  });

  it('are read or refused, whatever stands in them', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('a', ',', '1', '.', '-', '\n', '\r', '"', ' ') }),
    );
    fc.assert(
      fc.property(text, fc.boolean(), (rest, headed) => {
        const csv = headed ? `${good}${rest}` : rest;
        let curves: ReturnType<typeof readCurves>;
        try {
          curves = readCurves(csv, 'f', 'a', [1]);
        } catch (error) {
          assert.ok(error instanceof InputError);
          return;
        }
        for (const { points } of curves) {
          for (const point of points) {
            assert.ok(point.bandwidth_gb_per_s >= 0 && point.latency_ns >= 0);
          }
        }
      }),
    );
  });
});
