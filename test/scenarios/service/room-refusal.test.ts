/** What has no room is refused with a line that says what of the experiment is too small. */

import assert from 'node:assert/strict';
import { valuesOf } from '../../../sim/parameters.ts';
import { serviceParameters } from '../../../sim/scenarios/service/parameters.ts';
import { roomRefusal } from '../../../sim/scenarios/service/room-refusal.ts';
import { two_nodes } from '../../arbitraries.ts';
import { computing, functionOf, startOf } from './served.ts';

const { node, cxl } = two_nodes;
const mb = 2 ** 20;

function refusal(local_mb: number, cxl_mb: number, checkpoint_mb = 1, count = 1) {
  const fork = {
    start: startOf(1),
    checkpoint: computing(1),
    cxl_bytes: checkpoint_mb * mb,
    parent_bytes: 0,
    reach: 'any-node',
  } as const;
  return roomRefusal(
    {
      node: { ...node, local: { ...node.local, capacity_mb: local_mb } },
      cxl: { ...cxl, capacity_mb: cxl_mb },
    },
    { functions: Array.from({ length: count }, () => functionOf({ name: 'json', fork })) },
    valuesOf(serviceParameters, { ghosts: 4, shell_kb: 512 }),
    true,
  );
}

describe('a cluster that serves', () => {
  it('needs room on each node for the containers that are kept', () => {
    assert.equal(refusal(20, 100, 1, 10), undefined);
    assert.equal(
      refusal(19, 100, 1, 10),
      'fabric.node.local.capacity_mb is 19, and containers that are kept take 20 MB; expected more, or fewer of parameters.service.ghosts',
    );
  });

  it('needs room in CXL memory for the checkpoint of each function by itself', () => {
    assert.equal(refusal(1000, 100, 100, 10), undefined);
    assert.equal(
      refusal(1000, 99, 100, 10),
      'fabric.cxl.capacity_mb is 99, and a checkpoint of json takes 100 MB, so that none is ever kept; expected at least as much',
    );
  });

  it('needs a workload for one function at least of those that are asked for', () => {
    assert.match(refusal(1000, 1000, 1, 0)!, /^no workload stands for any function .*; expected /);
  });
});
