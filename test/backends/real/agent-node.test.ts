/** The agent on a host: what it runs, and what becomes of it when the line is cut. Here the host is this one. */

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { AgentNode, this_host } from '../../../sim/backends/real/agent-node.ts';
import { connectHosts, HostRefusal } from '../../../sim/backends/real/hosts.ts';
import { scratchFolder } from '../../experiment/scratch-folder.ts';

describe('the agent of a host', function () {
  this.timeout(60_000);

  const nodes: AgentNode[] = [];
  const connect = async (destination = this_host) => {
    const node = await AgentNode.connect(destination);
    nodes.push(node);
    return node;
  };
  afterEach(() => {
    for (const node of nodes.splice(0)) node.close();
    restorePath();
  });

  it('runs commands with any bytes in and out, and tells their exit codes and signals', async () => {
    const node = await connect();
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 256);
    const echoed = await node.exec('cat; echo and this >&2; exit 3', { stdin: bytes });
    assert.ok(echoed.stdoutBytes.equals(bytes));
    assert.deepEqual([echoed.code, echoed.stderr], [3, 'and this\n']);
    assert.equal((await node.exec('kill -9 $$')).code, 137);
    const file = join(scratchFolder(), 'a file');
    await node.writeFile(file, bytes);
    assert.ok(readFileSync(file).equals(bytes));
  });

  it('runs several jobs at a time, and ends one with all that it started', async () => {
    const node = await connect();
    const job = node.start('sleep 1000 & echo $!; wait');
    const [pid] = await job.output(/\d+/);
    assert.equal((await node.exec('echo meanwhile')).stdout, 'meanwhile\n');
    job.kill();
    assert.equal(await job.exited, 137);
    await gone(Number(pid));
  });

  it('gives a command up after its time', async () => {
    const node = await connect();
    await assert.rejects(node.exec('sleep 1000', { timeout_ms: 200 }), /not done in 0\.2 s/);
  });

  it('lets programs run where nothing is left to chance: same addresses, no huge pages', async () => {
    const node = await connect();
    const maps = async () => (await node.exec('cat /proc/self/maps')).stdout.split('\n')[0];
    assert.equal(await maps(), await maps());
    assert.match((await node.exec('cat /proc/self/status')).stdout, /^THP_enabled:\s+0$/m);
  });

  it('ends its jobs when it is let go of', async () => {
    const node = await connect();
    const [pid] = await node.start('echo $$; exec sleep 1000').output(/\d+/);
    node.close();
    await gone(Number(pid));
  });

  it('ends its jobs when the program that uses it is killed', async () => {
    const node = await connect();
    const program = `
      import { AgentNode } from '${new URL('../../../sim/backends/real/agent-node.ts', import.meta.url)}';
      const node = await AgentNode.connect('localhost');
      const [pid] = await node.start('echo $$; exec sleep 1000').output(/\\d+/);
      console.log(pid);`;
    const file = join(scratchFolder({ 'user.mts': program }), 'user.mts');
    const project = new URL('../../..', import.meta.url).pathname;
    const user = node.start(`cd ${project} && exec ${process.execPath} --import tsx ${file}`);
    const [pid] = await user.output(/\d+/, 30_000);
    user.kill();
    await gone(Number(pid));
  });

  it('tells every job, running or to come, that the line is cut, and why', async () => {
    fakeSsh('exec "$agent" --stdio');
    const node = await connect('cut-host');
    const job = node.start('echo $PPID; exec sleep 1000');
    const [agent] = await job.output(/\d+/);
    process.kill(Number(agent), 'SIGKILL');
    const reason = /^Error: cut-host: the line to it is cut: ended with SIGKILL$/;
    await assert.rejects(job.exited, reason);
    await assert.rejects(node.exec('true'), reason);
  });
});

describe('a host that cannot be used', function () {
  this.timeout(60_000);
  afterEach(restorePath);

  const tools = '/usr/local/bin';
  const refusal = async (nodes: string, folder = tools) => {
    const error = await connectHosts({ nodes, tools: folder }).then(
      (hosts) => hosts.close(),
      (reason: Error) => reason,
    );
    assert.ok(error instanceof HostRefusal);
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  };

  it('is refused where SSH finds no way to it, in the words of SSH', async () => {
    fakeSsh(':', 'echo "ssh: connect to host $host port 22: No route to host" >&2; exit 255');
    assert.equal(
      await refusal('root@far'),
      'root@far: no way there: ssh: connect to host root@far port 22: No route to host',
    );
  });

  it('is refused where its name could be taken for an option or a command', async () => {
    for (const nodes of ['-oProxyCommand=reboot', 'a b', 'a;b', '', 'a,b,c', '$(x)']) {
      assert.match(await refusal(nodes), /^parameters\.host\.nodes is /);
    }
    assert.match(await refusal('far', 'tools; reboot'), /^parameters\.host\.tools is /);
  });

  it('is refused to whoever is not root there', async () => {
    fakeSsh('exec setpriv --reuid 65534 --clear-groups "$agent" --stdio');
    if (process.getuid?.() !== 0) fakeSsh('exec "$agent" --stdio');
    assert.match(await refusal('guest@far'), /^guest@far: not root there; /);
  });

  it('is refused where the module is not loaded', async function () {
    fakeSsh('exec "$agent" --stdio');
    if (process.getuid?.() !== 0) this.skip();
    assert.match(await refusal('root@far'), /^root@far: the module rfork is not loaded; /);
  });
});

/**
 * Until the test ends, `ssh` is a script that runs commands here. `always` is what it does first, `line`
 * what it does to start the program `$agent`.
 */
function fakeSsh(line: string, always = ':'): void {
  const home = scratchFolder();
  const script = `#!/bin/sh
while [ "\${1#-}" != "$1" ]; do shift 2; done
host=$1
export HOME='${home}'; cd '${home}'
${always}
case $2 in
*--stdio) agent=\${2#exec }; agent=\${agent% --stdio}; ${line} ;;
esac
exec sh -c "$2"
`;
  mkdirSync(join(home, 'bin'));
  writeFileSync(join(home, 'bin/ssh'), script);
  chmodSync(join(home, 'bin/ssh'), 0o755);
  chmodSync(home, 0o755);
  process.env['PATH'] = `${join(home, 'bin')}${delimiter}${saved_path}`;
}

const saved_path = process.env['PATH'];
function restorePath(): void {
  process.env['PATH'] = saved_path;
}

/** Resolves once a process is no more, or only a zombie. */
async function gone(pid: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    let state = '';
    try {
      state = readFileSync(`/proc/${pid}/stat`, 'utf8');
    } catch {
      return;
    }
    if (/\) Z /.test(state)) return;
    await setTimeout(50);
  }
  assert.fail(`process ${pid} is still there`);
}
