/** Requests of language models as they are published, and what is no such trace. */

import assert from 'node:assert/strict';
import { readRequests } from '../../../sim/workload/llm/read-requests.ts';
import { linesOf } from '../../recording/import/text-source.ts';

function mooncake(...all: readonly object[]): string {
  const usual = { timestamp: 0, input_length: 600, output_length: 3, hash_ids: [1, 2] };
  return all.map((each) => `${JSON.stringify({ ...usual, ...each })}\n`).join('');
}

describe('a trace of requests', () => {
  it('tells blocks by numbers from 0, whatever it calls them', () => {
    const { identities, identity_start, identity_count, identity_tokens } = readRequests(
      linesOf(mooncake({ hash_ids: [4_000_000_000, 7] }, { hash_ids: [4_000_000_000, 9] })),
    );
    assert.deepEqual([...identities], [0, 1, 0, 2]);
    assert.deepEqual([...identity_start], [0, 2, 4]);
    assert.deepEqual([identity_count, identity_tokens], [3, 512]);
  });

  const refused: readonly (readonly [why: string, text: string, message: RegExp])[] = [
    [
      'times that decrease',
      mooncake({ timestamp: 5 }, { timestamp: 3 }),
      /^x:2:2: this request comes 2 ms before the one above; expected times that do not decrease$/,
    ],
    [
      'fewer blocks than its prompt has',
      mooncake({ hash_ids: [] }),
      /^x:1:53: 0 hash_ids of 600 tokens; expected 1 or 2: blocks of 512 tokens$/,
    ],
    [
      'more blocks than its prompt has',
      mooncake({ hash_ids: [1, 2, 3] }),
      /^x:1:53: 3 hash_ids of \d+ tokens; expected /,
    ],
    [
      'a block behind another than before',
      mooncake({}, { hash_ids: [3, 2] }),
      /^x:2:53: block 2 stands behind 3 here; expected it behind 1, as in a line above/,
    ],
    [
      'a block that is no number',
      mooncake({ hash_ids: [1, 'b'] }),
      /^x:1:53: hash_ids has "b"; expected whole numbers below 4294967296$/,
    ],
    [
      'parts of tokens',
      mooncake({ input_length: 600.5 }),
      /^x:1:16: input_length is 600.5; expected a whole number from 1 to 16777216$/,
    ],
    [
      'parts of tokens in a table',
      'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.97,1.5,2\n',
      /^x:2:\d+: ContextTokens .*; expected a whole number$/,
    ],
    [
      'times that simulated time does not reach',
      'input_tokens,output_tokens,arrival_s\n1,1,0\n1,1,5000001\n',
      /^x:3:5: arrival_s is "5000001"; expected a number from 0 to 5000000$/,
    ],
    [
      'a date that simulated time does not reach',
      'TIMESTAMP,ContextTokens,GeneratedTokens\n2000-01-01 00:00:00,1,1\n9999-01-01 00:00:00,1,1\n',
      /^x:3:1: TIMESTAMP is "9999-01-01 00:00:00"; expected at most 5000000 s after the first$/,
    ],
    ['a list for a record', `${mooncake({}).trim()}\n[1]\n`, /^x:2:1: not a JSON object; expected/],
    ['another format', 'a,b\n1,2\n', /^x:1:1: no format of requests; expected a table with /],
  ];
  for (const [why, text, message] of refused) {
    it(`is refused with ${why}`, () =>
      assert.throws(() => readRequests(linesOf(text)), { name: 'InputError', message }));
  }
});
