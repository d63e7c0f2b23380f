import assert from 'node:assert/strict';
import type { Node } from '../../../sim/backends/real/node.ts';
import { type Mapping, pagemapOf } from '../../../sim/backends/real/process-memory.ts';

const chunk_bytes = 8 * 4096;
const stack: Mapping = {
  first: 0x7fffffdde,
  end: 0x7ffffffff,
  writable: true,
  shared: false,
  name: '[stack]',
};

/** A node whose pagemap, read from the chunk of the mapping on, is this. */
function nodeWith(stdoutBytes: Buffer): Node {
  return { node: 'n0', exec: async () => ({ code: 0, stdoutBytes }) } as unknown as Node;
}

describe('a pagemap', () => {
  const present = Buffer.alloc(chunk_bytes);
  present.writeUInt32LE(0x8000_0000, 8 * 4094 + 4);

  it('may end where addresses do, a page before its chunk', async () => {
    for (const bytes of [chunk_bytes, chunk_bytes - 8]) {
      const at = await pagemapOf(nodeWith(present.subarray(0, bytes)), 1, [stack]);
      assert.equal(at(stack.end - 1).present, true);
      assert.equal(at(stack.end).present, false);
    }
  });

  it('is refused where it lacks a page of a mapping, or has more than was asked for', async () => {
    for (const bytes of [0, chunk_bytes - 16, chunk_bytes + 8]) {
      await assert.rejects(pagemapOf(nodeWith(Buffer.alloc(bytes)), 1, [stack]), {
        message: `n0: /proc/1/pagemap gave ${bytes} bytes`,
      });
    }
  });
});
