import assert from 'node:assert/strict';
import fc from 'fast-check';
import { instantOf } from '../../../sim/workload/llm/instant.ts';
import { readRequests } from '../../../sim/workload/llm/read-requests.ts';
import { linesOf } from '../../recording/import/text-source.ts';

const requests = (text: string) => {
  const { arrival_ns, input_tokens, output_tokens, identities, identity_tokens } = readRequests(
    linesOf(text),
  );
  return {
    arrival_ns: [...arrival_ns],
    tokens: [...input_tokens].map((input, i) => [input, output_tokens[i]]),
    identities: [...identities],
    identity_tokens,
  };
};
const refused = (text: string, message: string) =>
  assert.throws(
    () => readRequests(linesOf(text)),
    (error: Error) => error.message.startsWith(message) || assert.fail(error.message),
  );

describe('requests of Azure', () => {
  const table = (...rows: string[]) =>
    ['TIMESTAMP,ContextTokens,GeneratedTokens', ...rows, ''].join('\n');

  it('come as long after the first as their times say, to the nanosecond', () => {
    const text = table(
      '2023-11-16 18:17:03.9799600,4808,10',
      '2023-11-16 18:17:04.0319600,110,27',
      '2023-11-17 00:00:00,110,27',
    );
    assert.deepEqual(requests(text).arrival_ns, [0, 52_000_000, 20_576_020_040_000]);
    assert.deepEqual(requests(text.replaceAll(/(:\d\d(?:\.\d+)?),/g, '$1+00:00,')), requests(text));
  });

  it('have a time of the calendar, in any zone', () => {
    for (const time of [
      '2023-13-01 00:00:00',
      '2023-02-29 00:00:00',
      '2023-11-31 00:00:00',
      '2023-11-16 24:00:00',
      '2023-11-16 18:60:00',
      '11/16/2023 6:17:03 PM',
      '17:03.9',
    ]) {
      const right = 'expected one as 2023-11-16 18:17:03.97';
      refused(table(`${time},1,1`), `x:2:1: TIMESTAMP is "${time}"; ${right}`);
    }
    const time = fc.date({
      min: new Date('2000-01-01'),
      max: new Date('2099-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(time, fc.integer({ min: -720, max: 840 }), (date, east) => {
        const local = new Date(date.getTime() + 60_000 * east).toISOString().replace('Z', '');
        const two = (value: number) => String(value).padStart(2, '0');
        const zone = `${east < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(east) / 60))}:${two(Math.abs(east) % 60)}`;
        if (Number(local.slice(0, 4)) < 2000) return;
        const { s, ns } = instantOf(local + zone)!;
        const { s: day, ns: none } = instantOf('2000-01-01 00:00:00')!;
        assert.equal(none, 0);
        assert.equal(s - day + ns / 1e9, (date.getTime() - Date.UTC(2000)) / 1000);
      }),
    );
  });

  it('have whole tokens', () => {
    refused(
      table('2023-11-16 18:17:03.97,4808.5,10'),
      'x:2:24: ContextTokens is "4808.5"; expected',
    );
    refused(table('2023-11-16 18:17:03.97,4808,0.5'), 'x:2:29: GeneratedTokens is "0.5"; expected');
    assert.deepEqual(requests(table('2023-11-16 18:17:03.97,4808.0,1e1')).tokens, [[4808, 10]]);
  });
});

describe('requests with the blocks of their prompts', () => {
  const line = (input_length: number, hash_ids: number[], more: object = {}) =>
    `${JSON.stringify({ timestamp: 27_482, input_length, output_length: 52, hash_ids, ...more })}\n`;

  it('are of Mooncake, or of Bailian where they name their chat: in seconds, with smaller blocks', () => {
    assert.deepEqual(requests(line(1000, [46, 47])), {
      arrival_ns: [27_482_000_000],
      tokens: [[1000, 52]],
      identities: [0, 1],
      identity_tokens: 512,
    });
    assert.deepEqual(requests(line(30, [46, 47], { timestamp: 61.114, chat_id: 159, turn: 1 })), {
      arrival_ns: [61_114_000_000],
      tokens: [[30, 52]],
      identities: [0, 1],
      identity_tokens: 16,
    });
  });

  it('of Mooncake have whole milliseconds: seconds with decimals are refused', () => {
    refused(
      line(1000, [46, 47], { timestamp: 27.482 }),
      'x:1:2: timestamp is 27.482; expected a whole number from 0 to 5000000000',
    );
  });

  it('name all of a prompt, in blocks of the size that the format has', () => {
    for (const [length, ids] of [
      [1024, 2],
      [1000, 2],
      [1000, 1],
      [10, 0],
    ] as const) {
      assert.equal(requests(line(length, [7, 8].slice(0, ids))).identities.length, ids);
    }
    refused(
      line(521, Array(33).fill(7)),
      'x:1:58: 33 hash_ids of 521 tokens; expected 1 or 2: blocks of 512',
    );
    refused(line(5000, [7]), 'x:1:59: 1 hash_ids of 5000 tokens; expected 9 or 10: blocks of 512');
    refused(line(1024, [7]), 'x:1:59: 1 hash_ids of 1024 tokens; expected 2: blocks of 512');
  });

  it('have whole tokens', () => {
    refused(
      line(1000.5, [46, 47]),
      'x:1:20: input_length is 1000.5; expected a whole number from 1',
    );
    refused(
      line(10, [46], { output_length: 1.5 }),
      'x:1:38: output_length is 1.5; expected a whole',
    );
  });
});

describe('requests that an engine served', () => {
  it('have whole tokens', () => {
    const text = 'input_tokens,output_tokens,arrival_s\n10,5,0.25\n';
    assert.deepEqual(requests(text).arrival_ns, [250_000_000]);
    refused(text.replace('10,', '10.5,'), 'x:2:1: input_tokens is "10.5"; expected a whole number');
  });
});
