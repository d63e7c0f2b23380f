import assert from 'node:assert/strict';
import { readMlc } from '../../sim/fabric/read-mlc.ts';
import { fixture, shipped } from '../recording/import/text-source.ts';

const text = shipped('mlc/sapphirerapids.txt');

describe('Intel MLC’s output', () => {
  it('tells latency, bandwidth and loaded latency of each node', () => {
    const report = readMlc(text, 'x');
    assert.equal(report.version, '3.10');
    assert.deepEqual(report.idle_ns, { from: [0], to: [0, 1], values: [[106.3, 437.5]] });
    assert.deepEqual(report.read_mb_per_s?.values, [[28612, 19216.8]]);
    assert.equal(report.peak_mb_per_s.get(0.5), 23965.9);
    const [loaded] = report.loaded;
    assert.equal(loaded!.points.length, 19);
    assert.deepEqual(loaded!.points.at(-1), { bandwidth_gb_per_s: 0.7356, latency_ns: 110.14 });
    assert.deepEqual([report.measured_with, report.left_out], [[], []]);
  });

  it('may be of one node, of two sockets, in part, or have lines of either end', () => {
    for (const name of ['alderlake', 'lunarlake']) {
      const { idle_ns, loaded } = readMlc(shipped(`mlc/${name}.txt`), 'x');
      assert.deepEqual([idle_ns?.to, loaded[0]?.points.length], [[0], 19]);
    }
    const two = readMlc(fixture('mlc-two-sockets.txt'), 'x');
    assert.deepEqual(two.idle_ns?.from, [0, 1]);
    assert.equal(two.idle_ns?.values[1]?.[2], 298.3);
    assert.deepEqual([two.loaded, two.peak_mb_per_s.size], [[], 0]);
    assert.deepEqual(readMlc(text.replaceAll('\n', '\r\n'), 'x'), readMlc(text, 'x'));
  });

  it('is refused with line and column', () => {
    const refused = (damaged: string) => {
      try {
        readMlc(damaged, 'x');
      } catch (error) {
        return (error as Error).message;
      }
      return 'read';
    };
    assert.match(
      refused('hello'),
      /^x:1:1: no measurement of MLC's; expected the output of Intel mlc/,
    );
    assert.match(refused(text.replace('437.5', '-437.5')), /^x:7:8: "-437.5" in a table of MLC's;/);
    assert.match(
      refused(text.replace('437.5', '')),
      /^x:7:8: 1 values of a node; expected 2, one a node$/,
    );
    assert.match(
      refused(text.replace(' 28393.2', '')),
      /^x:33:1: 2 values; expected delay, latency and/,
    );
    const units: [string, string, RegExp][] = [
      ['(in ns)', '(in clocks)', /^x:4:1: values in "clocks"; expected ns$/],
      ['in MB/sec', 'in GB/sec', /^x:10:1: values in "GB\/sec"; expected MB\/sec$/],
      ['(ns)    MB/sec', '(us)    MB/sec', /^x:31:1: values in "us"; expected ns$/],
    ];
    for (const [unit, other, message] of units) {
      assert.match(refused(text.replace(unit, other)), message);
    }
  });

  it('that was interrupted in a row is refused, wherever it was', () => {
    const whole = fixture('mlc-whole.txt');
    const rows = [...whole.matchAll(/^ *\d[^\n]*|^(?:ALL|\d:1) Reads[^\n]*/gm)];
    assert.ok(rows.length > 8);
    for (const row of rows) {
      const [text_] = row;
      const line = whole.slice(0, row.index).split('\n').length;
      const cut = whole.slice(0, row.index) + text_.slice(0, -3);
      assert.throws(() => readMlc(cut, 'x'), { message: new RegExp(`^x:${line}:`) }, text_);
    }
    assert.deepEqual(readMlc(`${whole.trimEnd()}\n`, 'x'), readMlc(whole, 'x'));
  });

  it('is refused where a row stands twice in one table', () => {
    const twice = (line: string) => () => readMlc(text.replace(line, `${line}\n${line}`), 'x');
    assert.throws(
      twice('       0          106.3       437.5'),
      /^\S+ x:8:8: a second row of node 0/,
    );
    assert.throws(twice('00300   119.69   10232.0'), /x:41:1: a second row of delay 00300/);
    assert.throws(twice('ALL Reads        :      28611.9'), /x:14:1: a mix twice/);
  });

  it('of another mix than reads is left out and told, whatever is read before it', () => {
    const w2 = readMlc(fixture('mlc-mixed-loaded.txt'), 'x');
    assert.deepEqual(w2.loaded, []);
    assert.deepEqual(w2.left_out, [
      'loaded latencies at line 6: measured with -W2, a mix of reads and writes',
    ]);
    const w5 = readMlc(fixture('mlc-mixed-bandwidth.txt'), 'x');
    assert.equal(w5.read_mb_per_s, undefined);
    assert.match(w5.left_out[0]!, /^bandwidths between nodes at line 14: measured with -W5/);
    const whole = fixture('mlc-whole.txt');
    const both = readMlc(whole + fixture('mlc-mixed-loaded.txt'), 'x');
    assert.deepEqual({ ...both, left_out: [] }, readMlc(whole, 'x'));
    assert.equal(both.loaded[0]?.points.length, 3);
    assert.match(both.left_out[0]!, /^loaded latencies at line 40: measured with -W2/);
    for (const other of ['unheard-of traffic', 'Random traffic']) {
      const mix = readMlc(text.replaceAll('Read-only traffic', other), 'x');
      assert.equal(mix.left_out.length, 2);
      assert.match(mix.left_out[1]!, /the mix of reads and writes is not known$/);
    }
  });

  it('of a second run leaves the first one alone, and says so', () => {
    const again = readMlc(text + fixture('mlc-two-sockets.txt'), 'x');
    assert.deepEqual({ ...again, left_out: [] }, readMlc(text, 'x'));
    assert.match(again.left_out[0]!, /^idle latencies at line 56: line 4 has such a table already/);
  });

  it('tells with what options a table was measured, and whose memory was loaded', () => {
    const loaded = text.slice(text.indexOf('Measuring Loaded'));
    const banner = 'Intel(R) Memory Latency Checker - v3.11b\nCommand line parameters:';
    const report = readMlc(`${banner} --loaded_latency -j1 -U\n${loaded}`, 'x');
    assert.equal(report.version, '3.11b');
    assert.equal(report.loaded[0]?.node, 1);
    assert.deepEqual(report.measured_with, ['loaded latencies: --loaded_latency -j1 -U']);
    const plain = readMlc(`${banner} --loaded_latency\n${loaded}`, 'x');
    assert.deepEqual([plain.loaded[0]?.node, plain.measured_with], [undefined, []]);
  });

  it('may name sockets and memory nodes, have blank cells, and stand among other lines', () => {
    const old = [
      '$ sudo ./mlc',
      'Intel(R) Memory Latency Checker - v3.0',
      'Measuring idle latencies (in ns)...',
      '\tMemory node',
      'Socket\t     0\t     1\t     2',
      '     0\t\t 120.5\t-\t',
      '```',
    ];
    assert.deepEqual(readMlc(old.join('\n'), 'x').idle_ns, {
      from: [0],
      to: [0, 1, 2],
      values: [[undefined, 120.5, undefined]],
    });
  });
});
