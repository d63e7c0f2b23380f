import assert from 'node:assert/strict';
import { xxh64 } from '../../kernel-module/testbed/xxh64.ts';

describe('xxh64', () => {
  // From libxxhash 0.8.1, for the first n bytes of 0, 1, 2, ..., 255, 0, 1, ...
  const known = [
    [0, 0n, 0xef46db3751d8e999n],
    [1, 0n, 0xe934a84adb052768n],
    [4, 0n, 0xffced8604453cc1en],
    [8, 0n, 0x884a173614b81b8dn],
    [15, 0n, 0xa948f5f0f6abac2dn],
    [31, 0n, 0xc346d2b59b4d8ee1n],
    [32, 0n, 0xcbf59c5116ff32b4n],
    [33, 0n, 0x0c535d1acafb8eadn],
    [63, 0n, 0xe26aa9e2a95f8e4fn],
    [64, 0n, 0xf7c67301db6713f0n],
    [100, 0n, 0x6ac1e58032166597n],
    [4097, 0n, 0x64d3afb480f5992an],
    [100, 0xffffffffffffffffn, 0x09a991a091c9f6d7n],
  ] as const;
  for (const [length, seed, wanted] of known) {
    it(`of ${length} bytes with seed ${seed} is what the reference implementation says`, () => {
      const bytes = Buffer.from(Array.from({ length }, (_, index) => index & 0xff));
      assert.equal(xxh64(bytes, seed), wanted);
    });
  }
});
