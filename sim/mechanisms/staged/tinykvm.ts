/**
 * TinyKVM: a process in a virtual machine without a guest kernel. A master that was warmed and frozen is forked; what a
 * request writes goes to pages of a bank of the fork, and is undone after the answer:
 *
 *     request │ answer │ reset: copy back what was written, page tables and TLB stay │ next request
 *                      └─ or in full, where it wrote more than a limit: banks freed, page tables rebuilt
 */

import { normalQuantile } from '../../normal-quantile.ts';
import type { Values } from '../../parameters.ts';
import { type Asked, defineStaged, type Plan, type Request } from '../../staged-mechanism.ts';
import { choice, mb, share, us } from './given.ts';

const kvmserver = 'kvmserver f6c9946, README (AMD 7950X)';
const us_per_ms = 1000;
const kb_per_mb = 1024;

/**
 * Programs of the published tables, on one thread. Means: native, what the sandbox adds; what a request writes, the master.
 * Percentiles: native median and 90th, what the sandbox adds to a median, and pauses of the runtime (garbage collection,
 * compiling anew), which native requests have and a request to a sandbox that is reset never reaches.
 */
const programs = {
  rust: {
    native_us: 13,
    sandbox_us: 10,
    dirty_kb: 68,
    master_mb: 9,
    median_us: 11,
    p90_us: 17,
    median_sandbox_us: 9,
    pauses: false,
  },
  'deno-hello': {
    native_us: 17,
    sandbox_us: 16,
    dirty_kb: 452,
    master_mb: 56,
    median_us: 15,
    p90_us: 22,
    median_sandbox_us: 17,
    pauses: false,
  },
  'deno-react': {
    native_us: 646,
    sandbox_us: 3,
    dirty_kb: 2324,
    master_mb: 107,
    median_us: 619,
    p90_us: 670,
    median_sandbox_us: 15,
    pauses: true,
  },
} as const;

const parameters = {
  program: choice(
    ['workload', 'rust', 'deno-hello', 'deno-react'],
    'what is served: the workload, or a program of the published tables',
    kvmserver,
  ),
  start: choice(
    ['fork', 'snapshot-warm', 'snapshot-cold'],
    'where the first request of a child finds it: forked from the master, or loaded from a snapshot file, in the page cache (0.7 ms) or not (20 ms, a guess of its author); the latter two are grade C',
    'TinyKVM TODO.md (fork); article on TinyKVM (snapshot files)',
  ),
  fork_us: us(88, 'forking the master', 'A', 'tinykvm 40b51ac, TODO.md, on arm64'),
  sandbox_us: us(
    10,
    'exits and system calls of a request of the workload',
    'D',
    `${kvmserver}: Rust, 23 us less 13`,
  ),
  reset_us: us(3.5, 'copy-back reset of nothing', 'D', `${kvmserver}: Rust 5 us, React 55 us`),
  reset_us_per_kb: us(
    0.02216,
    'copying one KiB back',
    'D',
    `${kvmserver}: Rust 5 us for 68 KB, React 55 us for 2,324 KB`,
  ),
  full_reset_us: us(
    130,
    'full reset of nothing: page tables rebuilt',
    'D',
    'tinykvm pull request 44, before it: 280 us (Deno hello), 900 us (React)',
  ),
  full_reset_us_per_kb: us(0.331, 'one KiB in a full reset', 'D', 'tinykvm pull request 44'),
  interrupt_us: us(
    1,
    'full reset: interrupting one other core and its coherence traffic',
    'U',
    'described, not measured',
  ),
  reset_limit_mb: mb(
    128,
    'memory of a request above which a hybrid resets in full',
    'A',
    'kvmserver f6c9946, limit-request-memory',
  ),
  handover_us: us(
    11.1,
    'a request whose socket and master’s lines another thread touched last, as (threads - 1) of threads do',
    'D',
    `fitted on Rust, 34 us on 2 and 36 us on 4 threads where one has 28: ${kvmserver}`,
  ),
  runs: choice(
    ['sandboxed', 'native'],
    'in its virtual machine, or as a process without it, which nothing resets',
    `${kvmserver}: both were measured`,
  ),
  pause_share: share(
    0.00999,
    'share of React’s requests that meet a pause of its runtime, where no reset comes before it',
    'D',
    `fitted with pause_us on its native mean and 99th percentile, 646 and 820 us: ${kvmserver}`,
  ),
  pause_us: us(2580, 'such a pause', 'D', `fitted with pause_share: ${kvmserver}`),
  bank: choice(
    ['touched', 'reserved'],
    'memory of a fork’s bank that counts: pages that it has touched, or all of its banks',
    'tinykvm 40b51ac: banks are mapped without a reserve, so that untouched pages hold no memory',
  ),
  bank_mb: mb(8, 'one bank of pages of a fork', 'A', 'tinykvm 40b51ac: 4 times 512 pages'),
  remote: choice(
    ['none', 'call', 'ipc'],
    'what a request asks of a storage process: nothing, a remote call into its virtual machine (2 us, C), or a message to it through the scheduler',
    'article on TinyKVM',
  ),
  ipc_us: us(10, 'two switches of context and waiting for the scheduler', 'U', 'not measured'),
} as const;

type Settings = Values<typeof parameters>;

export default defineStaged({
  name: 'tinykvm',
  description:
    'forks a warmed process in a virtual machine without a kernel, and resets it after each request',
  source: 'varnish/tinykvm 40b51ac; libriscv/kvmserver f6c9946',
  unmodelled: [
    'descriptors, each of which a reset visits',
    'callers of a remote call, which wait for one another where its virtual machine is one; one for each caller, or mapped into it only while it is called',
  ],
  properties: {
    unit: 'userspace VM',
    capture: 'frozen master',
    transport: 'page cache',
    materialisation: 'mapped, copied on write',
    shell: 'none',
    isolation: 'userspace VM',
    sharing: 'one host',
    needs_parent: 'all children',
    other_hosts: 'no',
    inherits: 'memory',
    writable_root: 'none',
    uniqueness: 'nothing',
    gpu: 'unknown',
    poisoned_parent: 'reaches all children',
  },
  parameters,
  colour: '#F781BF',
  windows: {
    api: ['state'],
    'critical-path': ['state'],
    'first-useful-work': ['work'],
  },
  reads: ['threads'],
  resets: ['copy-back', 'full', 'copy-back-or-full'],
  has_address: false,
  plan(asked, settings): Plan {
    const { dirty_kb, master_mb } = programOf(asked, settings);
    const request = requestOf(asked, settings);
    const start_ms = {
      fork: settings.fork_us / us_per_ms,
      'snapshot-warm': 0.7,
      'snapshot-cold': 20,
    }[settings.start as 'fork'];
    return {
      stages: [
        { stage: 'state', ms: start_ms, holds: 'core' },
        { stage: 'work', ms: request.answer_ms, holds: 'core' },
      ],
      shared_mb: master_mb,
      child_mb: bankOf(dirty_kb / kb_per_mb, settings),
      request,
    };
  },
});

function programOf(
  { work_ms, written_mb, footprint_mb, sandbox }: Asked,
  { program, sandbox_us }: Settings,
) {
  const own = {
    native_us: work_ms * us_per_ms,
    sandbox_us,
    dirty_kb: written_mb * kb_per_mb,
    master_mb: footprint_mb,
  };
  const chosen = program === 'workload' ? own : programs[program as keyof typeof programs];
  return { ...chosen, dirty_kb: chosen.dirty_kb + sandbox.dirty_mb * kb_per_mb };
}

/** What a fork has written lies in banks of its own. */
function bankOf(dirty_mb: number, { bank, bank_mb }: Settings): number {
  if (bank === 'touched' || bank_mb === 0) return dirty_mb;
  return Math.ceil(dirty_mb / bank_mb) * bank_mb;
}

function requestOf(asked: Asked, settings: Settings): Request {
  const { native_us, sandbox_us, dirty_kb } = programOf(asked, settings);
  const { threads, reset } = asked.sandbox;
  const is_native = settings.runs === 'native';
  const handover_us = is_native ? 0 : (settings.handover_us * (threads - 1)) / threads;
  const remote_us = { none: 0, call: 2, ipc: settings.ipc_us }[settings.remote as 'none'];
  const copied_us = settings.reset_us + settings.reset_us_per_kb * dirty_kb;
  const whole_us =
    settings.full_reset_us +
    settings.full_reset_us_per_kb * dirty_kb +
    settings.interrupt_us * (threads - 1);
  const is_whole =
    reset === 'full' ||
    (reset === 'copy-back-or-full' && dirty_kb > settings.reset_limit_mb * kb_per_mb);
  const is_reset = reset !== 'none' && !is_native;
  const reset_us = !is_reset ? 0 : is_whole ? whole_us : copied_us;
  const added_us = handover_us + remote_us;
  const own_us = is_native
    ? native_us
    : is_reset
      ? withoutPauses(native_us, sandbox_us, settings)
      : native_us + sandbox_us;
  return {
    answer_ms: (own_us + added_us) / us_per_ms,
    reset_ms: reset_us / us_per_ms,
    ...turnsOf(settings, added_us + reset_us, is_reset),
  };
}

/** Mean of a request whose sandbox is reset before its runtime ever pauses. */
function withoutPauses(
  native_us: number,
  sandbox_us: number,
  { program, pause_share, pause_us }: Settings,
): number {
  if (program === 'workload') return native_us + sandbox_us;
  const { pauses, median_sandbox_us } = programs[program as 'rust'];
  if (!pauses) return native_us + sandbox_us;
  return native_us - pause_share * pause_us + median_sandbox_us;
}

/**
 * Percentiles of a request with its reset: what a native one varies by, later by what the sandbox adds. Pauses are longer
 * than anything else varies, so that those who meet one are the slowest; after each reset the runtime is as far from its next
 * one as the master was.
 */
function turnsOf(
  { program, runs, pause_share, pause_us }: Settings,
  added_us: number,
  is_reset: boolean,
): Pick<Request, 'turn_ms'> {
  if (program === 'workload') return {};
  const { median_us, p90_us, median_sandbox_us, pauses } = programs[program as 'rust'];
  const sigma = Math.log(p90_us / median_us) / normalQuantile(0.9);
  const paused = pauses && !is_reset ? pause_share : 0;
  const later_us = added_us + (runs === 'native' ? 0 : median_sandbox_us);
  const at = (share: number) => {
    const meets = share > 1 - paused;
    const rank = meets ? (share - (1 - paused)) / paused : share / (1 - paused);
    const own_us = median_us * Math.exp(sigma * normalQuantile(rank));
    return (own_us + later_us + (meets ? pause_us : 0)) / us_per_ms;
  };
  return { turn_ms: { p50: at(0.5), p90: at(0.9), p99: at(0.99) } };
}
