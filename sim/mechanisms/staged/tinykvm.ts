/**
 * TinyKVM: a process in a virtual machine without a guest kernel. A master that was warmed and frozen is forked; what a
 * request writes goes to pages of a bank of the fork, and is undone after the answer:
 *
 *     request │ answer │ reset: copy back what was written, page tables and TLB stay │ next request
 *                      └─ or in full, where it wrote more than a limit: banks freed, page tables rebuilt
 */

import type { Values } from '../../parameters.ts';
import { type Asked, defineStaged, type Plan, type Request } from '../../staged-mechanism.ts';
import { choice, mb, us } from './given.ts';

const kvmserver = 'kvmserver f6c9946, README (AMD 7950X)';
const us_per_ms = 1000;
const kb_per_mb = 1024;

/** Programs of the published tables, on one thread: native, what the sandbox adds, what a request writes, the master. */
const programs = {
  rust: { native_us: 13, sandbox_us: 10, dirty_kb: 68, master_mb: 9 },
  'deno-hello': { native_us: 17, sandbox_us: 16, dirty_kb: 452, master_mb: 56 },
  'deno-react': { native_us: 646, sandbox_us: 3, dirty_kb: 2324, master_mb: 107 },
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
    'garbage collection, which an ephemeral sandbox never reaches: React’s 99th percentile is 758 to 790 us there and 820 us natively',
    'descriptors, each of which a reset visits',
    'banks of 8 MiB, in which pages of a fork are reserved',
    'callers of a remote call, which wait for one another where its virtual machine is one',
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
      child_mb: dirty_kb / kb_per_mb,
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

function requestOf(asked: Asked, settings: Settings): Request {
  const { native_us, sandbox_us, dirty_kb } = programOf(asked, settings);
  const { threads, reset } = asked.sandbox;
  const handover_us = (settings.handover_us * (threads - 1)) / threads;
  const remote_us = { none: 0, call: 2, ipc: settings.ipc_us }[settings.remote as 'none'];
  const copied_us = settings.reset_us + settings.reset_us_per_kb * dirty_kb;
  const whole_us =
    settings.full_reset_us +
    settings.full_reset_us_per_kb * dirty_kb +
    settings.interrupt_us * (threads - 1);
  const is_whole =
    reset === 'full' ||
    (reset === 'copy-back-or-full' && dirty_kb > settings.reset_limit_mb * kb_per_mb);
  const reset_us = reset === 'none' ? 0 : is_whole ? whole_us : copied_us;
  return {
    answer_ms: (native_us + sandbox_us + remote_us + handover_us) / us_per_ms,
    reset_ms: reset_us / us_per_ms,
  };
}
