import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FramePool, OutOfFrames } from '../../sim/memory/frame-pool.ts';

type Use = { do: 'allocate' } | { do: 'share' | 'release'; which: number };

const uses: fc.Arbitrary<Use[]> = fc.array(
  fc.oneof(
    fc.constant<Use>({ do: 'allocate' }),
    fc.record({ do: fc.constantFrom('share' as const, 'release' as const), which: fc.nat(100) }),
  ),
  { maxLength: 120, size: 'max' },
);

describe('frame pool', () => {
  it('has as many frames as whole pages fit into its capacity, and says who is full', () => {
    const pool = new FramePool('node 1', 2 * 4096 + 4095);
    pool.allocate(1);
    pool.allocate(2);
    assert.throws(
      () => pool.allocate(3),
      (error: unknown) => {
        assert.ok(error instanceof OutOfFrames);
        assert.equal(
          error.message,
          'node 1 memory is full: all 2 frames of 4096 bytes are in use; expected a larger capacity_mb of that memory, or a smaller workload',
        );
        return true;
      },
    );
  });

  it('counts what others hold as used, and what they lack once it is allocated here', () => {
    const pool = new FramePool('node 1', 10 * 4096, 0.75);
    assert.deepEqual([pool.used_share, pool.displaced_frames], [0.8, 0]);
    const frames = Array.from({ length: 5 }, (_, content) => pool.allocate(content));
    assert.deepEqual([pool.used_share, pool.displaced_frames], [1, 3]);
    pool.release(frames[0]!);
    assert.deepEqual([pool.used_share, pool.displaced_frames], [1, 2]);
  });

  it('hands a freed frame out again when it is otherwise full', () => {
    const pool = new FramePool('CXL', 4096);
    const frame = pool.allocate(1);
    pool.release(frame);
    assert.equal(pool.allocate(2), frame);
    assert.equal(pool.content[frame], 2);
  });

  it('refuses to share or release a frame that is free or was never handed out', () => {
    const pool = new FramePool('CXL', 2 ** 30);
    const frame = pool.allocate(1);
    pool.release(frame);
    for (const free of [frame, frame + 1, 5_000, -1]) {
      assert.throws(() => pool.share(free), RangeError, `share ${free}`);
      assert.throws(() => pool.release(free), RangeError, `release ${free}`);
    }
  });

  it('counts sharers and frames in use as a map does, and never hands out a frame in use', () => {
    fc.assert(
      fc.property(uses, (each) => {
        const pool = new FramePool('CXL', 2 ** 30);
        const sharers = new Map<number, number>();
        for (const use of each) {
          const frames = [...sharers.keys()];
          if (use.do === 'allocate' || frames.length === 0) {
            const frame = pool.allocate(sharers.size);
            assert.ok(!sharers.has(frame));
            sharers.set(frame, 1);
          } else {
            const frame = frames[use.which % frames.length]!;
            const count = sharers.get(frame)! + (use.do === 'share' ? 1 : -1);
            if (use.do === 'share') pool.share(frame);
            else pool.release(frame);
            if (count > 0) sharers.set(frame, count);
            else sharers.delete(frame);
          }
          assert.equal(pool.allocated, sharers.size);
          for (const [frame, count] of sharers) assert.equal(pool.sharers(frame), count);
        }
      }),
    );
  });

  it('keeps contents as it grows', () => {
    const pool = new FramePool('CXL', 2 ** 30);
    const frames = Array.from({ length: 3_000 }, (_, token) => pool.allocate(token));
    frames.forEach((frame, token) => {
      assert.equal(pool.content[frame], token);
      assert.equal(pool.sharers(frame), 1);
    });
  });
});
