/** Failures that could not come are refused, and not left out. */

import assert from 'node:assert/strict';
import { default_arrivals } from '../../../sim/backend.ts';
import { valuesOf } from '../../../sim/parameters.ts';
import { failureRefusal } from '../../../sim/scenarios/service/failure-refusal.ts';
import { serviceParameters } from '../../../sim/scenarios/service/parameters.ts';
import { trialOf } from '../../arbitraries.ts';

describe('a failure in a cluster that serves', () => {
  const fabric = { ...trialOf({}).fabric, nodes: 2 };
  const named = { name: 'any', path: 'any' };
  const refusal = (settings: object, duration_s = 100, source = 'poisson') =>
    failureRefusal(valuesOf(serviceParameters, settings as never), {
      fabric,
      service: {
        ...{ functions: [], keep_alive: named, routing: named },
        arrivals: { ...default_arrivals, source, duration_s },
      },
    });

  it('is of a node that there is', () => {
    assert.equal(refusal({ fails: 'node', failing_node: 1 }), undefined);
    assert.equal(
      refusal({ fails: 'node', failing_node: 2 }),
      'parameters.service.failing_node is 2, and there are 2 nodes; expected one from 0 to 1',
    );
    assert.equal(refusal({ fails: 'device', failing_node: 2 }), undefined);
  });

  it('comes while requests come, however long a burst is told of', () => {
    assert.equal(refusal({ fails: 'device', fails_at_s: 99 }), undefined);
    assert.equal(
      refusal({ fails: 'parent', fails_at_s: 100 }),
      'parameters.service.fails_at_s is 100, and requests come for 100 s; expected less',
    );
    assert.match(refusal({ fails: 'node', fails_at_s: 61 }, 100, 'burst')!, /come for 60 s/);
    assert.equal(refusal({ fails: 'nothing', fails_at_s: 1e6 }), undefined);
  });
});
