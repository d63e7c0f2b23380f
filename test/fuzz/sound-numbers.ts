/** What holds of every number that the program reports. */

import { type MetricName, metrics } from '../../sim/metrics.ts';
import { Fault } from './input.ts';

/** Longer than any trial that anybody would believe: 100 days. */
const longest_ms = 100 * 24 * 3600 * 1000;

/** Times that something takes in any case, so that 0 could only mean that nobody knows. */
const never_zero: readonly MetricName[] = ['execution_ms', 'end_to_end_ms'];

export function checkMeasurements(measured: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value] of Object.entries(measured)) {
    if (value === undefined) continue;
    const metric = metrics[name as MetricName];
    if (metric === undefined) throw new Fault(`a metric ${name} that nobody declared`);
    if (!(Number.isFinite(value) && value >= 0)) throw new Fault(`${name} is ${value}`);
    if (metric.kind === 'count' && !Number.isInteger(value)) throw new Fault(`${name} is ${value}`);
    if (metric.kind === 'time' && value > longest_ms) throw new Fault(`${name} is ${value}`);
  }
  const { restore_ms, faults_ms, execution_ms, end_to_end_ms } = measured;
  const parts = [restore_ms, faults_ms, execution_ms];
  if (end_to_end_ms !== undefined && parts.every((part) => part !== undefined)) {
    const sum = (parts as number[]).reduce((total, part) => total + part, 0);
    if (Math.abs(sum - end_to_end_ms) > 1e-6 * (1 + sum)) {
      throw new Fault(`end_to_end_ms is ${end_to_end_ms}, and its parts are ${parts.join(' + ')}`);
    }
  }
  for (const name of never_zero) if (measured[name] === 0) throw new Fault(`${name} is 0`);
}

/** Throws for a number anywhere in `value` that is none. */
export function checkFinite(value: unknown, path = ''): void {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Fault(`${path.slice(1)} is ${value}`);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  for (const [key, held] of Object.entries(value)) checkFinite(held, `${path}.${key}`);
}
