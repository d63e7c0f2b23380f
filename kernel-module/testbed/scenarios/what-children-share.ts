import assert from 'node:assert/strict';
import type { Machine } from '../machine.ts';
import { checkpoint, deleteImage, restore, startRegion } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';

const atRandom = 25;

/** Tells, when SIGTERM comes, what it would use as secrets and by what it finds that it is another. */
const program = `
import ctypes, json, os, random, signal
getauxval = ctypes.CDLL(None).getauxval
getauxval.restype = ctypes.c_ulong
def restore_id():
    return ctypes.string_at(getauxval(${atRandom}), 16).hex()
def account():
    told = dict(pid=os.getpid(), restore_id=restore_id(), hash=hash("cxlsim"), address=id(seen),
                random=random.random(), urandom=os.urandom(8).hex(), noticed=restore_id() != seen)
    if told["noticed"]:
        random.seed()
    return json.dumps(dict(told, reseeded=random.random()))
seen = restore_id()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("ready", os.getpid(), flush=True)
signal.sigwait([signal.SIGTERM])
print(account(), flush=True)
`;

interface Account {
  readonly pid: number;
  readonly restore_id: string;
  readonly hash: number;
  readonly address: number;
  readonly random: number;
  readonly reseeded: number;
  readonly urandom: string;
  readonly noticed: boolean;
}

async function accountOf(node: Machine, image: number): Promise<Account> {
  const child = await restore(node, image);
  await node.check(`kill -15 ${child.pid}`);
  assert.equal(await child.job.exited, 0, child.job.stdout + child.job.stderr);
  const [, line] = child.job.stdout.trim().split('\n');
  const account = JSON.parse(line!) as Account;
  assert.equal(account.restore_id, child.restored.restore_id);
  assert.equal(account.pid, child.pid);
  return account;
}

const scenario: Scenario = {
  shows:
    'two CPython children of one checkpoint share hash seed, addresses and the state of their random module, which their parent goes on from too; each has a restore id of its own, by which it notices and reseeds',
  hardware: { nodes: 2, debianRoot: true },
  async run(testbed) {
    const [here, there] = testbed.nodes;
    await startRegion(testbed);
    const parent = here!.start(`exec python3 -c '${program}'`);
    const [, pid] = await parent.output(/ready (\d+)/);
    const image = await checkpoint(here!, Number(pid));
    const one = await accountOf(here!, image);
    const other = await accountOf(there!, image);
    parent.kill(15);
    assert.equal(await parent.exited, 0, parent.stdout + parent.stderr);
    const own = JSON.parse(parent.stdout.trim().split('\n')[1]!) as Account;

    for (const key of ['hash', 'address', 'random'] as const) {
      assert.equal(one[key], own[key], key);
      assert.equal(other[key], own[key], key);
    }
    assert.deepEqual([own.noticed, one.noticed, other.noticed], [false, true, true]);
    for (const key of ['restore_id', 'urandom', 'reseeded'] as const) {
      assert.equal(new Set([own[key], one[key], other[key]]).size, 3, key);
    }
    await deleteImage(here!, image);
    return { hash: own.hash, random: own.random, here: one.restore_id, there: other.restore_id };
  },
};

export default scenario;
