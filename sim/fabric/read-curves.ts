/**
 * Reads measured load curves from CSV with at least the columns
 * `system,read_pct,bandwidth_MBps,latency_ns` (1 MB = 10^6 bytes), one point a row, in any order.
 */

import { expected } from '../input/expected.ts';
import { InputError } from '../input/input-error.ts';
import { risingPoints } from './load-curve.ts';
import type { CurvePoint, LoadCurve } from './settings.ts';

const columns = ['system', 'read_pct', 'bandwidth_MBps', 'latency_ns'] as const;

const decimal = /^\d{1,15}(\.\d{0,30})?([eE][-+]?\d{1,3})?$/;

interface Row {
  readonly system: string;
  readonly read_share: number;
  readonly point: CurvePoint;
}

/**
 * The curves of one system at the given shares of reads, thinned to the points that a rising curve
 * keeps.
 */
export function readCurves(
  csv: string,
  file: string,
  system: string,
  read_shares: readonly number[],
): LoadCurve[] {
  const rows = readRows(csv, file).filter((row) => row.system === system);
  return read_shares.map((read_share) => {
    const points = rows.filter((row) => row.read_share === read_share).map((row) => row.point);
    if (points.length === 0) {
      const found = [...new Set(rows.map((row) => row.read_share))].sort((a, b) => a - b);
      throw new InputError(
        { file, line: 1 },
        `no point of ${system} at a read share of ${read_share}`,
        rows.length === 0 ? expected('a system of that file') : `found ${found.join(', ')}`,
      );
    }
    return { read_share, points: risingPoints(points) };
  });
}

/** Every point of the file, as measured. */
export function readRows(csv: string, file: string): Row[] {
  // The measured files end lines in CRLF, as RFC 4180 has it; LF is read too.
  const lines = csv.replace(/^\ufeff/, '').split(/\r?\n/);
  if (lines.pop() !== '') {
    throw new InputError(
      { file, line: lines.length + 1 },
      'the last row has no end, so the file may be cut short',
      'expected a line feed at its end',
    );
  }
  const header = (lines[0] ?? '').split(',');
  const [system, read_pct, bandwidth, latency] = columns.map((column) => {
    const index = header.indexOf(column);
    if (index >= 0) return index;
    throw new InputError({ file, line: 1 }, `no column ${column}`, `expected ${columns.join(',')}`);
  }) as [number, number, number, number];

  return lines.slice(1).map((text, index) => {
    const cells = text.split(',');
    const line = index + 2;
    if (cells.length !== header.length) {
      throw new InputError(
        { file, line },
        `${cells.length} cells`,
        expected(`${header.length}, as in the header`),
      );
    }
    const number = (column: number, high: number, least = 0) => {
      const cell = cells[column]!.trim();
      const value = Number(cell);
      const counts = value === 0 || value >= least;
      if (decimal.test(cell) && value >= 0 && value <= high && counts) return value;
      throw new InputError(
        { file, line },
        `${header[column]} is ${JSON.stringify(cells[column]!.slice(0, 40))}`,
        least === 0
          ? expected(`a number from 0 to ${high}`)
          : expected(`a number from ${least} to ${high}`),
      );
    };
    return {
      system: cells[system]!,
      read_share: number(read_pct, 100) / 100,
      point: {
        bandwidth_gb_per_s: number(bandwidth, 1e7, 0.001) / 1000,
        latency_ns: number(latency, 1e6, 0.001),
      },
    };
  });
}
