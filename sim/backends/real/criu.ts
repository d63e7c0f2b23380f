/**
 * CRIU between two nodes: dumped on the parent's node, handed over through the shared memory, restored on the
 * child's. It wants the same process number free and the same files there, so a parent of its own runs under a
 * high number with its output in a file.
 *
 *     parent ─ criu dump ─► files ─ tar ─► disk in the shared memory ─ tar ─► files ─ criu restore ─► child
 */

import { shellWord } from '../../input/shell-word.ts';
import type { Measurements } from '../../metrics.ts';
import { bytes_per_mb, ns_per_ms, page_bytes } from '../../units.ts';
import { another_process } from './claims.ts';
import type { Cluster, Node } from './node.ts';
import { localPages, minorFaults, residentPages } from './process-memory.ts';
import type { RealMechanism } from './real-mechanism.ts';
import { check } from './rforkctl.ts';
import { end, folderOf, invoke } from './served-function.ts';
import type { WarmFunction } from './warm-function.ts';

/** CRIU looks into sockets, tunnels and packet filters, whether a process has any or not. */
const drivers =
  'nd_e820 nd_pmem nf_tables tun veth unix_diag inet_diag tcp_diag udp_diag netlink_diag af_packet_diag';

const prepared = [
  `for driver in ${drivers}; do modprobe $driver || true; done`,
  'ip link set lo up 2>/dev/null || true',
  'for attempt in $(seq 1200); do ls /dev/pmem* >/dev/null 2>&1 && exit 0; sleep 0.1; done',
  'echo no disk in the shared memory >&2; exit 1',
].join('\n');

/** Processes of this number are rare in a guest, and of a trial's parents there is one at a time. */
const pid_before = 20_000;

const flags = '--manage-cgroups=ignore --ext-unix-sk --file-locks -v1 -o log';

export const criu: RealMechanism = {
  claims: {
    pages_copied: another_process,
    local_memory_mb: another_process,
    cxl_memory_mb: another_process,
  },
  program: 'CRIU',
  guests_only:
    'criu writes over a disk in the shared memory and loads drivers, which is done to guests only',
  refuses({ children: { count } }) {
    if (count === 1) return undefined;
    return `CRIU restores a process under its own number, which a node has once; expected children.count: 1, not ${count}`;
  },
  prepare: (cluster, warm) => () => restoreThroughDisk(cluster, warm),
};

async function restoreThroughDisk(
  { parent, child, disk, scratch }: Cluster,
  warm: WarmFunction,
): Promise<Measurements> {
  const { warm_invocations } = warm;
  for (const node of [parent, child]) await check(node, prepared);
  const folder = shellWord(folderOf(`${warm.live.name}-criu`, scratch));
  const output = `${folder}/output`;
  for (const node of [parent, child])
    await check(node, `rm -rf ${folder}; mkdir -p ${folder}/dump`);

  const served = await startDetached(parent, warm.command, output);
  try {
    for (let nth = 1; nth <= warm_invocations; nth += 1) await invoke(served, nth);
    const dump = `cd ${folder}/dump && criu dump -t ${served.pid} -D . ${flags}`;
    const store = `tar -cf - . | dd of=${disk} bs=1M oflag=direct iflag=fullblock conv=sync`;
    const dump_ns = await timed(parent, dump, `${folder}/dump/log`);
    const store_ns = await timed(parent, `cd ${folder} && ${store} 2>/dev/null`);
    const pages =
      Number(await check(parent, `cat ${folder}/dump/pages-*.img | wc -c`)) / page_bytes;
    const image_bytes = Number(await check(parent, `cat ${folder}/dump/*.img | wc -c`));

    const load = `dd if=${disk} bs=1M iflag=direct 2>/dev/null | tar -xf -`;
    const load_ns = await timed(child, `cd ${folder} && { ${load}; true; }`);
    const restore = `cd ${folder}/dump && criu restore -d -D . ${flags}`;
    const restore_ns = load_ns + (await timed(child, restore, `${folder}/dump/log`));
    const restored = {
      node: child,
      pid: served.pid,
      job: child.start(`exec tail -n +1 -f ${output}`),
    };
    try {
      await restored.job.output(new RegExp(`done ${warm_invocations} `));
      const faults_before = await minorFaults(child, restored.pid);
      const invocation_ns = await invoke(restored, warm_invocations + 1);
      const minor_faults = (await minorFaults(child, restored.pid)) - faults_before;
      const { resident } = await residentPages(child, restored.pid);
      const { anonymous, leaves } = await localPages(child, restored.pid, resident);
      const warm_ns = await invoke(restored, warm_invocations + 2);
      return {
        checkpoint_ms: (dump_ns + store_ns) / ns_per_ms,
        restore_ms: restore_ns / ns_per_ms,
        end_to_end_ms: (restore_ns + invocation_ns) / ns_per_ms,
        warm_ms: warm_ns / ns_per_ms,
        local_memory_mb: ((anonymous + leaves) * page_bytes) / bytes_per_mb,
        cxl_memory_mb: image_bytes / bytes_per_mb,
        pages_copied: pages,
        migration_faults: 0,
        minor_faults,
      };
    } finally {
      await end(restored);
      restored.job.kill();
    }
  } finally {
    served.job.kill();
    await parent.exec(`kill -9 ${served.pid}; true`);
  }
}

/** Runs the command in a session of its own, away from the agent's pipes, which no dump could hold. */
async function startDetached(node: Node, command: string, output: string) {
  const script = `echo ${pid_before} > /proc/sys/kernel/ns_last_pid; setsid sh -c ${shellWord(command)} </dev/null >${output} 2>&1 &`;
  await check(node, script);
  const job = node.start(`exec tail -n +1 -f ${output}`);
  const [, pid] = await job.output(/^ready (\d+) \d+$/m);
  return { node, job, pid: Number(pid) };
}

/** Runs the command; resolves to how long it took there. A failure is told by the end of its log. */
async function timed(node: Node, command: string, log?: string): Promise<number> {
  const why = log === undefined ? '' : `grep -h Error ${log} | head -n 1 >&2; `;
  const text = await check(
    node,
    `begin=$(date +%s%N); ( ${command} ) || { ${why}exit 1; }; echo $(($(date +%s%N) - begin))`,
  );
  return Number(text.trim().split('\n').at(-1));
}
