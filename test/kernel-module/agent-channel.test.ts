import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import * as fc from 'fast-check';
import { AgentChannel, FrameReader } from '../../kernel-module/testbed/agent-channel.ts';

function frame(kind: number, job: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(kind, 0);
  head.writeUInt32LE(job, 4);
  head.writeUInt32LE(payload.length, 8);
  return Buffer.concat([head, payload]);
}

function exitCode(code: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeInt32LE(code);
  return payload;
}

/** A stream whose other end the test holds: `sent` is what the host wrote, `push` makes the guest speak. */
function line(): { stream: Duplex; sent: Buffer[] } {
  const sent: Buffer[] = [];
  const stream = new Duplex({
    read() {},
    write(data: Buffer, _encoding, done) {
      sent.push(data);
      done();
    },
  });
  return { stream, sent };
}

describe('frames', () => {
  it('are the same however the stream is cut', () => {
    const frames = fc.array(
      fc
        .tuple(fc.nat(255), fc.nat(), fc.uint8Array({ maxLength: 100 }))
        .map(([kind, job, bytes]) => ({ kind, job, payload: Buffer.from(bytes) })),
    );
    fc.assert(
      fc.property(frames, fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (list, cuts) => {
        const bytes = Buffer.concat(
          list.map(({ kind, job, payload }) => frame(kind, job, payload)),
        );
        const reader = new FrameReader();
        const found = [];
        for (let at = 0; at < bytes.length; ) {
          const length = cuts.next().value as number;
          found.push(...reader.push(bytes.subarray(at, at + length)));
          at += length;
        }
        assert.deepEqual(found, list);
      }),
    );
  });
});

describe('agent channel', () => {
  it('gives each job its own output, though they come mixed', async () => {
    const { stream } = line();
    const channel = new AgentChannel(stream);
    const first = channel.start('first');
    const second = channel.start('second');
    stream.push(frame(17, 2, Buffer.from([0, 255])));
    stream.push(frame(17, 1, Buffer.from('one')));
    stream.push(frame(18, 2, Buffer.from('oops')));
    stream.push(frame(19, 2, exitCode(3)));
    stream.push(frame(19, 1, exitCode(0)));
    assert.deepEqual([await first.exited, await second.exited], [0, 3]);
    assert.equal(first.stdout, 'one');
    assert.deepEqual([...second.stdoutBytes], [0, 255]);
    assert.equal(second.stderr, 'oops');
  });

  it('sends a command with its standard input in one frame', () => {
    const { stream, sent } = line();
    new AgentChannel(stream).start('cat', Buffer.from([1, 2]));
    const payload = Buffer.concat([
      Buffer.from([3, 0, 0, 0]),
      Buffer.from('cat'),
      Buffer.from([1, 2]),
    ]);
    assert.deepEqual(Buffer.concat(sent), frame(1, 1, payload));
  });

  it('waits for output that comes in pieces', async () => {
    const { stream } = line();
    const job = new AgentChannel(stream).start('x');
    const match = job.output(/ready (\d+)/);
    stream.push(frame(17, 1, Buffer.from('rea')));
    stream.push(frame(17, 1, Buffer.from('dy 7')));
    assert.equal((await match)[1], '7');
  });

  it('tells who waits for output that the job has ended without it', async () => {
    const { stream } = line();
    const job = new AgentChannel(stream).start('x');
    const match = job.output(/never/);
    stream.push(frame(17, 1, Buffer.from('something else')));
    stream.push(frame(19, 1, exitCode(1)));
    await assert.rejects(match, /ended with exit code 1 before its output matched/);
  });

  it('ends every job, running and later, when the machine is gone', async () => {
    const { stream } = line();
    const channel = new AgentChannel(stream);
    const running = channel.start('x');
    channel.close(new Error('machine n0 is gone'));
    await assert.rejects(running.exited, /n0 is gone/);
    await assert.rejects(channel.start('y').exited, /n0 is gone/);
  });
});
