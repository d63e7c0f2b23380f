/** Files of claims for tests, in a folder of their own. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Made before each test of a `describe`, and removed after it. */
export function claimsFolder() {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'claims-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return {
    get path() {
      return folder;
    },
    write(name: string, text: string): string {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
  };
}

/** A file of claims with one claim, whose lines are `claim` and which is asked as `model`. */
export function claimsFile(
  claim = 'value: 391\n    tolerance: 0.01',
  model = '{ how: device, fabric: cxlfork-testbed, memory: cxl, of: latency }',
): string {
  return `title: Numbers of a test
source: this test
licence: none needed
evidence: reasoned
experiments:
  sizes:
    question: How does restore grow?
    mechanisms: [local-fork, mitosis]
    workloads: [float, json]
    fabric: cxlfork-testbed
    sweep:
      fabric.cxl.latency_ns: [200, 400]
claims:
  latency:
    what: a load
    unit: ns
    figure: none
    read: made up
    window: hardware
    ${claim}
    model: ${model}
`;
}
