import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { isFileOnDisk } from '../../sim/recording/file-on-disk.ts';
import { MemoryMap } from '../../sim/recording/import/memory-map.ts';
import { fixture, linesOf } from './import/text-source.ts';

const regionOf = (rights: string, name: string) =>
  new MemoryMap(linesOf(`00001000-00002000 ${rights} 00000000 00:01 7    ${name}\n`)).regionOf(1);

describe('what counts as a file', () => {
  it('is on a disk: memory that looks like a file is anonymous', () => {
    for (const name of readdirSync(new URL('import/fixtures/field/maps', import.meta.url))) {
      const maps = new MemoryMap(linesOf(fixture(`field/maps/${name}`)));
      assert.equal(maps.regionOf(0x40000000000 / 4096), 'anonymous', name);
    }
    for (const name of [
      '/memfd:doublemapper (deleted)',
      '/dev/zero',
      '/dev/dri/renderD128',
      '/dev/hugepages/pool',
      '/run/user/1000/pulse',
      '/dmabuf:',
      '/i915 (deleted)',
      '/drm mm object (deleted)',
      '/[aio] (deleted)',
      '/secretmem (deleted)',
      '/usr/lib/libold.so.1 (deleted)',
      '/sys/devices/pci0000:00/resource0',
      'anon_inode:[perf_event]',
      'socket:[123]',
      '[anon:v8]',
      '[anon_shmem:heap]',
      '[anon: glibc: malloc]',
    ]) {
      assert.equal(regionOf('rwxp', name), 'anonymous', name);
      assert.equal(regionOf('r--s', name), 'anonymous', name);
    }
  });

  it('is a library where it is executable or a shared object, else data', () => {
    assert.equal(regionOf('r-xp', '/usr/bin/python3'), 'library');
    for (const name of ['/usr/lib/libc.so.6', '/a/x.cpython-311-x86_64-linux-gnu.so', '/a b.so']) {
      assert.equal(regionOf('r--p', name), 'library', name);
    }
    for (const name of ['/srv/data.sorted', '/tmp/run.sock', '/run/media/me/disk/model.bin']) {
      assert.equal(regionOf('r--s', name), 'file', name);
    }
    assert.equal(regionOf('r--p', '/a/(deleted)/b'), 'file');
    assert.ok(isFileOnDisk('/srv/model.bin') && !isFileOnDisk('//anon') && !isFileOnDisk(''));
  });

  it('is not what every kernel maps by itself', () => {
    for (const name of ['[vdso]', '[vvar]', '[vvar_vclock]', '[vsyscall]']) {
      assert.equal(regionOf('r-xp', name), 'library');
    }
    assert.deepEqual(
      [regionOf('rw-p', '[stack:12]'), regionOf('rw-p', '[heap]')],
      ['stack', 'heap'],
    );
  });
});
