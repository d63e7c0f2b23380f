/**
 * One program on two nodes: run to its end as a control, started again, checkpointed on the first node, and restored on
 * the second, where it is told to end and says whether it found everything as it was.
 *
 * Both nodes have the program's directory from one file system, which they hand over unmounted, so that names,
 * sizes, times and inode numbers are the same. Programs run as root.
 */
import type { Machine } from '../machine.ts';
import { rforkctl } from '../rfork.ts';
import type { End, Observation } from './verdict.ts';

const marker = '@@@';

/** Both nodes find programs in /z and the handed-over file system at /dev/pmem0. */
export async function prepareNode(node: Machine): Promise<void> {
  await node.check(`
    mkdir -p /z /w
    for module in virtio_blk crc32c_generic ext4 nd_e820 nd_pmem; do modprobe $module; done
    for attempt in $(seq 1200); do [ -b /dev/vda ] && ls /dev/pmem* >/dev/null 2>&1 && break; sleep 0.1; done
    mount -t ext4 -o ro /dev/vda /z
    ln -s $(ls /dev/pmem* | head -n 1) /dev/handed-over
  `);
}

export async function makeWorkplace(node: Machine): Promise<void> {
  await node.check('dd if=/z/empty.ext4 of=/dev/handed-over bs=1M 2>/dev/null');
}

/** Ends what a program left running, and takes the file system off the node; false where that cannot be. */
function leave(node: Machine): Promise<boolean> {
  // All but this shell and the agent.
  return node
    .exec(`cd /; kill -9 -1
      for attempt in $(seq 100); do
        for place in $(awk '$2 ~ "^/w(/|$)" { print $2 }' /proc/mounts | tac); do umount $place 2>/dev/null; done
        # Gone only with the last namespace that has it.
        grep -q " /w " /proc/mounts || ls /sys/fs/ext4 | grep -q pmem || exit 0
        sleep 0.1
      done
      exit 1`)
    .then(({ code }) => code === 0);
}

/**
 * In a PID and a mount namespace of its own, as the child gets with the parent's pid. Sets `pid`, as seen from outside;
 * exit code 1 says that the program did not start, 99 that the node has no place for it.
 */
function start(name: string, command: string): string {
  const inside = `
    export TMPDIR=/tmp ZDTM_THREAD_BOMB=5
    timeout -s KILL 30 ${command} </dev/null >/tmp/start.log 2>&1
    echo $? >/tmp/started.new; mv /tmp/started.new /tmp/started
    while :; do sleep 0.2; done`;
  return `
    cd / && blockdev --flushbufs /dev/handed-over && mount -t ext4 /dev/handed-over /w || exit 99
    chmod 777 /w && cd /w && rm -rf -- * .[!.]* && cp /z/${name} . || exit 99
    rm -f /tmp/started
    unshare -m -p -f --mount-proc sh -c '${inside}' </dev/null >/dev/null 2>&1 &
    while [ ! -e /tmp/started ]; do sleep 0.05; done
    if [ "$(cat /tmp/started)" != 0 ]; then
      echo "exit code $(cat /tmp/started)"
      tail -q -n 3 /tmp/start.log ${name}.out* 2>/dev/null
      exit 1
    fi
    pid=$(cat /proc/[0-9]*/status 2>/dev/null | awk -v inside=$(cat ${name}.pid) '$1 == "NSpid:" && NF == 3 && $3 == inside { print $2 }')
  `;
}

/** After the program's end or its time: how it ended. Wants `ended` set. */
function tellEnd(name: string): string {
  return `
    reported=0; report=${name}.out.inprogress
    [ -e ${name}.out ] && reported=1 && report=${name}.out
    echo "${marker} $ended $reported"
    tail -n 4 $report | cut -c 1-300
  `;
}

function readEnd(text: string): End | undefined {
  const [, ended, reported, report] =
    new RegExp(`^${marker} (\\d) (\\d)\\n([^]*)`, 'm').exec(text) ?? [];
  if (report === undefined) return undefined;
  return { ended: ended === '1', reported: reported === '1', report };
}

async function control(node: Machine, name: string, command: string): Promise<End> {
  const { code, stdout } = await node.exec(`${start(name, command)}
    sleep 0.2; kill -15 $pid; ended=0
    for attempt in $(seq 600); do grep -q -s '^State:.[^Z]' /proc/$pid/status || { ended=1; break; }; sleep 0.1; done
    ${tellEnd(name)}`);
  const end = readEnd(stdout);
  if (code === 99) throw new Error(`${node.node}: cannot have its place`);
  return end ?? { ended: true, reported: false, report: `does not start: ${stdout}` };
}

function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^rforkctl: /, '')
    .replace(/\s+/g, ' ');
}

/** Restores with the parent's pid, as CRIU does: programs compare it. */
async function restore(node: Machine, name: string, image: number): Promise<Partial<Observation>> {
  const { stdout } = await node.exec(`
    cd / && blockdev --flushbufs /dev/handed-over && mount -t ext4 /dev/handed-over /w && cd /w || exit 99
    rm -f /tmp/code; log=${name}.out.inprogress
    (${rforkctl} --json restore ${image} --pid keep <>/dev/null >>$log 2>&1; echo $? >/tmp/code) &
    while ! grep -q -s restore_id $log && [ ! -e /tmp/code ]; do sleep 0.1; done
    answer=$(cat ${name}.out ${name}.out.inprogress 2>/dev/null | grep restore_id)
    [ -n "$answer" ] || { echo refused; grep '^rforkctl: ' $log; exit; }
    echo "$answer"
    init=$(echo "$answer" | sed 's/.*"pid": *\\([0-9]*\\).*/\\1/')
    sleep 0.2; kill -15 $(cat /proc/$init/task/$init/children); ended=0
    for attempt in $(seq 600); do [ -e /tmp/code ] && { ended=1; break; }; sleep 0.1; done
    echo "code $(cat /tmp/code)"
    ${tellEnd(name)}`);
  const refused = stdout.startsWith('refused\n');
  if (refused) return { restore: { refusal: oneLine(stdout.slice(8)), differs: [] } };
  const [answer] = /\{.*restore_id.*\}/.exec(stdout) ?? [];
  const end = readEnd(stdout);
  if (answer === undefined || end === undefined)
    throw new Error(`${node.node}: ${name}: ${stdout}`);
  const code = Number(/^code (\d+)/m.exec(stdout)?.[1] ?? -1);
  return {
    restore: { differs: JSON.parse(answer).differs },
    child: { ...end, code },
  };
}

/** The observation, and whether the nodes are fit for another. */
export async function trial(
  [here, there]: readonly [Machine, Machine],
  name: string,
  command: string,
): Promise<{ observation: Observation; fit: boolean }> {
  const first = await control(there, name, command);
  const clean = await leave(there);
  if (!clean || !first.ended || !first.report.includes('PASS')) {
    return { observation: { control: first }, fit: clean };
  }
  const began = await here.exec(`${start(name, command)}
    sleep 0.2; ${rforkctl} --json checkpoint $pid 2>&1 || exit 2`);
  const left = await leave(here);
  if (began.code === 1 || began.code === 99) return { observation: { control: first }, fit: left };
  if (began.code !== 0) {
    const checkpoint = { refusal: oneLine(began.stdout) };
    return { observation: { control: first, checkpoint }, fit: left };
  }
  if (!left) throw new Error(`${here.node}: ${name} keeps its directory`);
  const image = JSON.parse(began.stdout).checkpoint;
  const rest = await restore(there, name, image);
  const fit = await leave(there);
  return { observation: { control: first, checkpoint: {}, ...rest }, fit };
}
