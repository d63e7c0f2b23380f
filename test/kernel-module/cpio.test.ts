import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  type ArchiveEntry,
  archive,
  directory,
  file,
  symlink,
} from '../../kernel-module/testbed/cpio.ts';

/** Reads an archive as the format is described, one field at a time. */
function unpack(bytes: Buffer): { path: string; mode: number; data: Buffer }[] {
  const entries = [];
  for (let at = 0; ; ) {
    const field = (index: number) =>
      Number.parseInt(bytes.toString('latin1', at + 6 + 8 * index, at + 14 + 8 * index), 16);
    assert.equal(bytes.toString('latin1', at, at + 6), '070701');
    const name_bytes = field(11);
    const path = bytes.toString('utf8', at + 110, at + 110 + name_bytes - 1);
    const start = Math.ceil((at + 110 + name_bytes) / 4) * 4;
    if (path === 'TRAILER!!!') return entries;
    entries.push({ path, mode: field(1), data: bytes.subarray(start, start + field(6)) });
    at = Math.ceil((start + field(6)) / 4) * 4;
  }
}

describe('initramfs archive', () => {
  it('holds files, directories and links with their kinds and permissions', () => {
    const entries = [
      directory('proc'),
      file('init', 'one\n', true),
      file('motd', 'two'),
      symlink('sh', 'busybox'),
    ];
    assert.deepEqual(
      unpack(archive(entries)).map(({ path, mode, data }) => [path, mode, data.toString()]),
      [
        ['proc', 0o040755, ''],
        ['init', 0o100755, 'one\n'],
        ['motd', 0o100644, 'two'],
        ['sh', 0o120777, 'busybox'],
      ],
    );
  });

  it('lists every directory before what is in it', () => {
    const paths = unpack(archive([file('a/b/c', ''), file('a/d', '')])).map(({ path }) => path);
    assert.deepEqual(paths, ['a', 'a/b', 'a/b/c', 'a/d']);
  });

  it('can be followed by another archive, and equal entries give equal bytes', () => {
    const name = fc.stringMatching(/^[a-zé]{1,9}$/);
    const entry = fc.record({
      path: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      data: fc.uint8Array({ maxLength: 300 }),
    });
    const entries = fc
      .uniqueArray(entry, { selector: ({ path }) => path })
      .map((list): ArchiveEntry[] => list.map(({ path, data }) => file(`f/${path}.x`, data)));
    fc.assert(
      fc.property(entries, (list) => {
        const bytes = archive(list);
        assert.equal(bytes.length % 512, 0);
        assert.deepEqual(archive(list), bytes);
        const found = new Map(unpack(bytes).map(({ path, data }) => [path, data]));
        for (const { path, content } of list) {
          assert.ok(content.kind === 'file');
          assert.ok(Buffer.from(content.data).equals(found.get(path)!));
        }
      }),
    );
  });
});
