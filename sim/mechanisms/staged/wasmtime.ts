/** wasmtime: instances of a module whose memory is dropped after a request, so that the next one faults it in again. */

import { defineStaged, type Plan } from '../../staged-mechanism.ts';
import { pages_per_mb } from '../../units.ts';
import { us } from './given.ts';

const us_per_ms = 1000;

export default defineStaged({
  name: 'wasmtime',
  description:
    'drops an instance’s memory after each request (MADV_DONTNEED), and faults it in at the next touch',
  source: 'article on TinyKVM, which names it as the rival; wasmtime’s pooling allocator',
  unmodelled: [
    'code that runs slower than native',
    'initialisation of an instance beyond its memory',
  ],
  properties: {
    unit: 'process',
    capture: 'template',
    transport: 'page cache',
    materialisation: 'mapped, copied on write',
    shell: 'none',
    isolation: 'process',
    sharing: 'one host',
    needs_parent: 'all children',
    other_hosts: 'no',
    inherits: 'memory',
    writable_root: 'none',
    uniqueness: 'nothing',
    gpu: 'no',
    poisoned_parent: 'reaches all children',
  },
  parameters: {
    start_us: us(5, 'taking an instance from the pool', 'U', 'not published there'),
    drop_us: us(1, 'one call that drops all memory', 'U', 'not published there'),
    fault_us: us(
      0.5,
      'first touch of a page after that',
      'D',
      'copy-on-write fault of Linux, as kernel.fault_ns',
    ),
  },
  colour: '#984EA3',
  windows: {
    api: ['state'],
    'critical-path': ['state'],
    'first-useful-work': ['work'],
  },
  resets: ['lazy'],
  has_address: false,
  plan({ work_ms, written_mb, touched_mb, footprint_mb, sandbox }, settings): Plan {
    const is_reset = sandbox.reset === 'lazy';
    const pages = (touched_mb + sandbox.dirty_mb) * pages_per_mb;
    const faults_ms = (pages * settings.fault_us) / us_per_ms;
    return {
      stages: [
        { stage: 'state', ms: settings.start_us / us_per_ms, holds: 'core' },
        { stage: 'work', ms: work_ms + faults_ms, holds: 'core' },
      ],
      shared_mb: footprint_mb,
      child_mb: written_mb + sandbox.dirty_mb,
      request: {
        // What a reset saves after the answer, the next request pays before its own.
        answer_ms: work_ms + (is_reset ? faults_ms : 0),
        reset_ms: is_reset ? settings.drop_us / us_per_ms : 0,
      },
    };
  },
});
