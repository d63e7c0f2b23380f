import assert from 'node:assert/strict';
import { readMlc } from '../../sim/fabric/read-mlc.ts';
import { fixture, shipped } from '../trace/import/text-source.ts';

const text = shipped('mlc/sapphirerapids.txt');

describe('Intel MLC’s output', () => {
  it('tells latency, bandwidth and loaded latency of each node', () => {
    const report = readMlc(text, 'x');
    assert.equal(report.version, '3.10');
    assert.deepEqual(report.idle_ns, { from: [0], to: [0, 1], values: [[106.3, 437.5]] });
    assert.deepEqual(report.read_mb_per_s?.values, [[28612, 19216.8]]);
    assert.equal(report.peak_mb_per_s.get(0.5), 23965.9);
    assert.equal(report.loaded.length, 19);
    assert.deepEqual(report.loaded.at(-1), {
      read_share: 1,
      point: { bandwidth_gb_per_s: 0.7356, latency_ns: 110.14 },
    });
  });

  it('may be of one node, of two sockets, in part, or have lines of either end', () => {
    for (const name of ['alderlake', 'lunarlake']) {
      const { idle_ns, loaded } = readMlc(shipped(`mlc/${name}.txt`), 'x');
      assert.deepEqual([idle_ns?.to, loaded.length], [[0], 19]);
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
    assert.match(refused('hello'), /^x:1:1: no measurement of MLC's; the output of Intel mlc/);
    assert.match(refused(text.replace('437.5', '-437.5')), /^x:7:8: "-437.5" in a table of MLC's;/);
    assert.match(refused(text.replace('437.5', '')), /^x:7:8: 1 values of a node; 2, one a node$/);
    assert.match(refused(text.replace(' 28393.2', '')), /^x:33:1: 2 values; delay, latency and/);
    const mix = text.replaceAll('Read-only traffic', 'unheard-of traffic');
    assert.match(refused(mix), /^x:33:1: loaded latencies of an unknown mix/);
  });
});
