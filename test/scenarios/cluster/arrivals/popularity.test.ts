/** Few functions have nearly all requests: who they are, and what is left without them. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { randomStream } from '../../../../sim/random.ts';
import { Popularity } from '../../../../sim/scenarios/cluster/arrivals/popularity.ts';
import { rarerThan } from '../../../../sim/scenarios/cluster/arrivals/rare-functions.ts';
import { SpanArrivals } from '../../../../sim/scenarios/cluster/arrivals/span-arrivals.ts';
import { Spans } from '../../../../sim/scenarios/cluster/arrivals/spans.ts';

const counts = fc.array(fc.nat(50), { minLength: 1, maxLength: 12 });
const minutes = 10;

function recorded(requests: readonly number[]) {
  const spans = new Spans();
  for (const [of, count] of requests.entries()) spans.add(of, 0, minutes * 60e9, count);
  const functions = requests.map((invocations, of) => ({ name: `f${of}`, invocations }));
  return { functions, spans, length_ns: minutes * 60e9 };
}

describe('the popularity of functions', () => {
  it('gives a share of functions a share of requests at least as large, and all of them all', () => {
    fc.assert(
      fc.property(counts, fc.double({ min: 0, max: 1, noNaN: true }), (requests, share) => {
        const popularity = new Popularity(recorded(requests).functions, 60 * minutes);
        const of_requests = popularity.requestsShareOf(share);
        const chosen = Math.round(share * requests.length) / requests.length;
        if (popularity.invocations > 0) assert.ok(of_requests >= chosen - 1e-9);
        else assert.equal(of_requests, 0);
      }),
    );
  });

  it('with a most per minute leaves exactly the functions that are asked for no more often, with all their requests', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 60 }), (requests, most) => {
        const read = recorded(requests);
        const rare = rarerThan(most / minutes, read);
        const names = read.functions.filter(({ invocations }) => invocations <= most);
        assert.deepEqual(rare.functions, names);
        const how = { spacing: 'equidistant', computing: 'own' } as const;
        const source = new SpanArrivals(rare.functions, rare.spans, how);
        const played = names.map(() => 0);
        for (const { of } of source.arrivals(randomStream(1, 'arrivals'))) played[of]! += 1;
        assert.deepEqual(
          played,
          names.map(({ invocations }) => invocations),
        );
        const share = new Popularity(read.functions, 60 * minutes).functionsShareUpTo(
          most / minutes,
        );
        assert.equal(share, names.length / requests.length);
      }),
    );
  });
});
