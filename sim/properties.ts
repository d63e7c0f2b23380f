/** What a way of making children is, apart from its costs: the axes on which all systems are choices. */

/** Title of each axis, in the order of tables. */
export const axes = {
  unit: 'what is forked or started',
  capture: 'how its state is captured',
  transport: 'how state reaches a child',
  materialisation: 'when its memory is there',
  shell: 'what is built around a child',
  isolation: 'what keeps children apart',
  sharing: 'who shares pages after the fork',
  needs_parent: 'what dies with the parent or its node',
  other_hosts: 'children on other hosts',
  inherits: 'state that a child inherits',
  writable_root: 'writable root file system',
  uniqueness: 'what makes a clone differ',
  gpu: 'GPU',
  poisoned_parent: 'a poisoned parent',
} as const;

export type Axis = keyof typeof axes;

export interface Properties {
  readonly unit: 'process' | 'container' | 'userspace VM' | 'microVM';
  readonly capture:
    | 'none'
    | 'none: the parent itself'
    | 'descriptor'
    | 'full dump'
    | 'full, diff or live by write protection'
    | 'native copy into CXL'
    | 'frozen master'
    | 'template'
    | 'incremental';
  readonly transport: 'none' | 'page cache' | 'RDMA' | 'CXL memory' | 'files' | 'object store';
  readonly materialisation:
    | 'built anew'
    | 'copied eagerly'
    | 'on demand'
    | 'recorded and prefetched'
    | 'mapped, copied on write';
  readonly shell: 'none' | 'container' | 'monitor, network namespace' | 'reused' | 'pooled';
  readonly isolation: 'process' | 'container' | 'userspace kernel' | 'userspace VM' | 'microVM';
  readonly sharing: 'nobody' | 'one host' | 'CXL pool';
  readonly needs_parent:
    | 'nothing'
    | 'new children'
    | 'all children'
    | 'children that are not whole yet';
  readonly other_hosts: 'yes' | 'no' | 'by copying files';
  readonly inherits:
    | 'nothing'
    | 'memory'
    | 'memory and kernel state'
    | 'memory, kernel and devices';
  readonly writable_root: 'own' | 'shared: children corrupt it' | 'none' | 'of the node';
  readonly uniqueness: 'new' | 'generation identifier' | 'nothing' | 'unknown';
  readonly gpu: 'yes' | 'no' | 'unknown';
  readonly poisoned_parent: 'reaches all children' | 'no parent';
}
