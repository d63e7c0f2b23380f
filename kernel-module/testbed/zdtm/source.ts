/**
 * ZDTM, the programs that CRIU tests itself with, built unmodified from Debian's source package of CRIU (GPL-2.0;
 * nothing of it is in this repository), as a disk for guests.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheRoot, fingerprint } from '../cache.ts';
import { run } from '../host-command.ts';
import { leftOut, listedPrograms, readDescription, startCommands } from './programs.ts';

const archive = {
  name: 'criu_4.1.1.orig.tar.xz',
  sha256: 'f80a66cb3726bb2116266d4759ce3bcbfab7abdb6b6d430bf20dd41911717afe',
};

export const sourceName = 'CRIU 4.1.1';

/** Names in static/, what is run of them, and why the others are not. */
export interface ZdtmPrograms {
  /** Host path of an ext4 file system: the programs, and an empty file system for them to work in. */
  readonly disk: string;
  readonly commands: ReadonlyMap<string, string>;
  readonly not_run: ReadonlyMap<string, string>;
}

export async function zdtmPrograms(): Promise<ZdtmPrograms> {
  const compiler = await run('gcc', ['--version']);
  const tool = ['source.ts', 'programs.ts'].map((name) =>
    readFile(join(import.meta.dirname, name)),
  );
  const key = fingerprint(archive.sha256, compiler, ...(await Promise.all(tool)));
  const directory = await cached(join(cacheRoot(), 'zdtm', key), build);
  const { commands, not_run } = JSON.parse(
    await readFile(join(directory, 'programs.json'), 'utf8'),
  );
  return {
    disk: join(directory, 'disk.ext4'),
    commands: new Map(Object.entries(commands)),
    not_run: new Map(Object.entries(not_run)),
  };
}

/** From the archive that this machine's apt is set up for; apt checks the sum. */
async function unpackSource(directory: string): Promise<void> {
  const [archiveOfDebian] = (
    await run('apt-get', [
      'indextargets',
      '--format',
      '$(REPO_URI)',
      'Created-By: Packages',
      'Label: Debian',
    ])
  ).split('\n');
  const target = join(directory, archive.name);
  const uri = `${archiveOfDebian}pool/main/c/criu/${archive.name}`;
  await run('/usr/lib/apt/apt-helper', ['download-file', uri, target, `SHA256:${archive.sha256}`]);
  const members = ['zdtm', 'zdtm.desc'].map((name) => `*/test/${name}`);
  await run('tar', [
    ...['-x', '-f', target, '-C', directory, '--strip-components', '1', '--wildcards'],
    ...[...members, '*/criu/include/*'],
  ]);
  await rm(target);
}

async function build(directory: string): Promise<void> {
  await unpackSource(directory);
  const programs = join(directory, 'test/zdtm/static');
  const make = (options: readonly string[]) =>
    run('make', [...options, 'LDFLAGS=-static'], { timeout_ms: 3_600_000 });
  await make(['-s', '-C', join(directory, 'test/zdtm/lib')]);
  // Goes on past what cannot be built here, and fails for it.
  const log = await make(['-k', '-s', '-j2', '-C', programs, 'all']).catch(String);
  const names = listedPrograms(await readFile(join(programs, 'Makefile'), 'utf8'));
  // Goes on past names that have no such rule, and fails for them.
  const dryRun = await run('sh', [
    ...['-c', 'make -n -k --no-print-directory -C "$@" 2>/dev/null || true', 'sh', programs],
    ...names.map((name) => `${name}.pid`),
  ]);
  const started = startCommands(dryRun);
  const commands: Record<string, string> = {};
  const not_run: Record<string, string> = {};
  const files = join(directory, 'files');
  await mkdir(files);
  for (const name of names) {
    const description = join(programs, `${name}.desc`);
    const reason = leftOut(
      readDescription(existsSync(description) ? await readFile(description, 'utf8') : ''),
    );
    const program = join(programs, name);
    const command = started.get(name);
    if (reason !== undefined) not_run[name] = reason;
    else if (!existsSync(program)) not_run[name] = 'does not build here';
    else if (command === undefined) not_run[name] = 'has no pid file';
    else {
      commands[name] = command;
      await run('strip', ['-o', join(files, name), program]);
    }
  }
  await writeFile(join(directory, 'build.log'), log);
  await writeFile(join(directory, 'programs.json'), JSON.stringify({ commands, not_run }, null, 2));
  await makeDisks(directory, files);
  for (const name of ['test', 'criu', 'files']) {
    await rm(join(directory, name), { recursive: true });
  }
}

async function makeDisks(directory: string, files: string): Promise<void> {
  const options = ['-q', '-t', 'ext4', '-b', '4096', '-E', 'root_owner=0:0'];
  await run('mke2fs', [...options, join(files, 'empty.ext4'), '64M']);
  // Sparse.
  await run('mke2fs', [...options, '-d', files, join(directory, 'disk.ext4'), '1G']);
}
