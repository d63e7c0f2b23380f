/**
 * A Debian root file system for guests, with CPython, NumPy, Node.js, CRIU and the CXL tools, as an ext4 image.
 *
 * Packages are unpacked, not configured: that needs neither root nor a chroot, and but for links to OpenBLAS none of
 * the programs used here depends on what the maintainer scripts would do.
 */
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheRoot, fingerprint } from './cache.ts';
import { run } from './host-command.ts';

const packages = [
  ...['dash', 'coreutils', 'criu', 'ndctl', 'numactl'],
  ...['python3-minimal', 'python3', 'python3-numpy', 'libopenblas0-pthread', 'nodejs'],
];

// Room for what scenarios write; the file is sparse.
const image_size = '1G';

/** Host path of the image. Guests mount it with writes going to a private, nameless file. */
export async function debianRoot(): Promise<string> {
  const closure = await packageClosure();
  const directory = await cached(
    join(
      cacheRoot(),
      'debian-root',
      fingerprint(await readFile(import.meta.filename), closure.join('\n')),
    ),
    makeImage,
  );
  return join(directory, 'root.ext4');
}

/** Every package needed on an empty system, as `name_version_architecture.deb`. */
async function packageClosure(): Promise<string[]> {
  const listing = await run('apt-get', [...onEmptySystem('/dev/null'), '--print-uris']);
  return [...listing.matchAll(/^'\S+' (\S+\.deb) /gm)].map((match) => match[1]!).sort();
}

function onEmptySystem(archives: string): string[] {
  return [
    ...['-qq', '-y', '--no-install-recommends', '-o', 'Dir::State::status=/dev/null'],
    ...['-o', 'Debug::NoLocking=1', '-o', `Dir::Cache::archives=${archives}`],
    ...['install', ...packages],
  ];
}

async function makeImage(directory: string): Promise<void> {
  const archives = join(directory, 'archives');
  const root = join(directory, 'root');
  await mkdir(join(archives, 'partial'), { recursive: true });
  await run('apt-get', [...onEmptySystem(archives), '--download-only']);

  // One tree under /usr, as an installed Debian has it; packages still name both places.
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(root, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(root, name));
  }
  for (const name of ['proc', 'sys', 'dev', 'tmp', 'run', 'root', 'etc', 'rfork']) {
    await mkdir(join(root, name), { recursive: true });
  }
  for (const name of (await readdir(archives)).filter((file) => file.endsWith('.deb'))) {
    const unpack = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"';
    await run('sh', ['-c', unpack, 'sh', join(archives, name), root]);
  }
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
  for (const name of ['libblas.so.3', 'liblapack.so.3', 'libopenblas.so.0']) {
    await symlink(`openblas-pthread/${name}`, join(libraries, name));
  }
  await rm(join(root, 'usr/share/doc'), { recursive: true, force: true });
  await rm(join(root, 'usr/share/man'), { recursive: true, force: true });
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  await writeFile(join(root, 'etc/group'), 'root:x:0:\n');

  const image = join(directory, 'root.ext4');
  const options = ['-E', 'root_owner=0:0', '-b', '4096', '-d', root];
  await run('mke2fs', ['-q', '-t', 'ext4', ...options, image, image_size]);
  await rm(archives, { recursive: true });
  await rm(root, { recursive: true });
}
