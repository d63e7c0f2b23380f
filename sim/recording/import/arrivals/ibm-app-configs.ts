/** What apps of IBM's Cloud Code Engine ask for: facts only, since the file holds no arrivals. */

import { ibmAppConfigurations } from '../../../workload/arrivals/ibm-app-configs.ts';
import { type Arrivals, endOf, type Fact, linesOf } from '../arrivals.ts';
import type { TraceSource } from '../importer.ts';
import { Quantities } from '../quantities.ts';

/** A distribution, and how many apps do not say. */
class Asked {
  readonly known = new Quantities();
  private unknown = 0;

  add(value: number | undefined): void {
    if (value === undefined) this.unknown++;
    else this.known.add(value);
  }

  toString(unit = ''): string {
    const unknown = this.unknown === 0 ? '' : `; not known of ${this.unknown} apps`;
    return `${this.known.toString(unit)}${unknown}`;
  }
}

export function ibmAppConfigs(source: TraceSource): Arrivals {
  const [vcpus, memory, concurrency, kept] = [new Asked(), new Asked(), new Asked(), new Asked()];
  const namespaces = new Set<string>();
  const apps = new Set<string>();
  let [never_idle, repeated] = [0, 0];
  const lines = linesOf(source);
  for (const each of ibmAppConfigurations(lines)) {
    const key = `${each.namespace}/${each.app}`;
    if (apps.has(key)) {
      repeated++;
      continue;
    }
    apps.add(key);
    namespaces.add(each.namespace);
    vcpus.add(each.vcpus);
    memory.add(each.memory_gb);
    concurrency.add(each.container_concurrency);
    kept.add(each.min_scale);
    if ((each.min_scale ?? 0) > 0) never_idle++;
  }
  const again: Fact[] =
    repeated === 0
      ? []
      : [['repeated apps', `${repeated} rows of an app that has one before, which alone counts`]];
  return {
    rows: undefined,
    facts: () => [
      ['source', 'IBM Cloud Code Engine (Nasiri et al., EuroSys 2026), MIT'],
      ['apps', `${apps.size} in ${namespaces.size} namespaces`],
      ...again,
      ['vCPUs', vcpus.toString()],
      ['memory', memory.toString('GB')],
      ['container concurrency', concurrency.toString()],
      ['containers always kept', `${kept}; more than none by ${never_idle} apps`],
      ...endOf(!lines.ended),
      ['arrivals', 'none in this file, nor idle times and rates'],
    ],
  };
}
