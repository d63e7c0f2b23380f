/** QEMU's command line for one machine, as a pure function of what the machine shall have. */

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;

/** Where the shared memory appears in a machine, unless told: above all local memory. */
export const sharedBase = 4 * gibibyte;

export type Accelerator = 'tcg' | 'kvm';

export interface Hardware {
  readonly accelerator: Accelerator;
  readonly kernelImage: string;
  /** Host path, as are all paths here; `/proc/self/fd/N` names an inherited descriptor. */
  readonly initramfs: string;
  readonly console: string;
  /** Connected socket of the agent's port. */
  readonly agentDescriptor: number;
  readonly node: string;
  readonly cpus: number;
  readonly memory_bytes: number;
  readonly shared?: {
    readonly path: string;
    readonly size_bytes: number;
    /** As memory of a NUMA node without processors, or behind QEMU's emulated CXL type-3 device. */
    readonly as: 'numa-node' | 'cxl-device';
    /** Physical address in this machine, of 4 GiB or more; local memory fills the space below it. */
    readonly base?: number;
    /** How much of its end is a disk of persistent memory, by which nodes hand over files; a multiple of 128 MiB. */
    readonly disk_bytes?: number;
    /** Where the emulated device keeps its labels; each machine has its own. */
    readonly labelPath?: string;
  };
  /** Memory of this machine alone, on one more NUMA node without processors. */
  readonly tier_bytes?: number;
  readonly disks?: readonly { readonly path: string; readonly keepWrites: boolean }[];
  readonly kernelParameters?: readonly string[];
}

export function qemuArguments(hardware: Hardware): string[] {
  const complaint = impossible(hardware);
  if (complaint !== undefined) throw new RangeError(complaint);
  const cxl = hardware.shared?.as === 'cxl-device';
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...machineType(hardware, cxl),
    ...['-smp', String(hardware.cpus)],
    ...(cxl ? cxlMemory(hardware) : numaMemory(hardware)),
    ...['-kernel', hardware.kernelImage, '-initrd', hardware.initramfs],
    ...['-append', kernelCommandLine(hardware)],
    ...['-chardev', `file,id=console,path=${hardware.console},append=on`],
    ...['-serial', 'chardev:console'],
    ...['-chardev', `socket,id=agent,fd=${hardware.agentDescriptor}`],
    ...['-device', 'virtio-serial-pci,bus=pcie.0', '-device'],
    'virtserialport,chardev=agent,name=cxlsim.agent',
    ...(hardware.disks ?? []).flatMap((disk, index) => [
      '-drive',
      `if=none,id=disk${index},format=raw,file=${disk.path},snapshot=${disk.keepWrites ? 'off' : 'on'}`,
      ...['-device', `virtio-blk-pci,bus=pcie.0,drive=disk${index}`],
    ]),
  ];
}

/** Local memory below 4 GiB; the rest lies between 4 GiB and the shared memory. */
function lowMemory_bytes({ memory_bytes, shared }: Hardware): number {
  return memory_bytes - ((shared?.base ?? sharedBase) - sharedBase);
}

/** What QEMU would accept and then get wrong without a word. */
function impossible(hardware: Hardware): string | undefined {
  const { shared, cpus, memory_bytes, tier_bytes } = hardware;
  const low_bytes = lowMemory_bytes(hardware);
  if (low_bytes % (2 * mebibyte) !== 0 || low_bytes > 2 * gibibyte) {
    return `${low_bytes} bytes of memory below 4 GiB; must be a multiple of 2 MiB up to 2 GiB`;
  }
  if (shared === undefined) return undefined;
  if (low_bytes < 256 * mebibyte || low_bytes > memory_bytes) {
    return `shared memory at ${shared.base} beside ${memory_bytes} bytes of local memory; must be 4 GiB or more, with 256 MiB of local memory left below 4 GiB`;
  }
  if (shared.base !== undefined && shared.as === 'cxl-device') {
    return 'a base for an emulated CXL device; the firmware chooses it';
  }
  if (cpus < 2) {
    // QEMU emulates one processor without atomic instructions, which other machines would notice.
    return `${cpus} processor with shared memory; must be 2 or more`;
  }
  if (shared.size_bytes % (256 * mebibyte) !== 0) {
    return `shared memory of ${shared.size_bytes} bytes; must be a multiple of 256 MiB`;
  }
  const { disk_bytes = 0 } = shared;
  if (disk_bytes % (128 * mebibyte) !== 0 || disk_bytes >= shared.size_bytes) {
    return `${disk_bytes} bytes of the shared memory as a disk; must be a multiple of 128 MiB and leave some`;
  }
  if (disk_bytes > 0 && shared.as === 'cxl-device') {
    return 'a disk in an emulated CXL device; only memory of a NUMA node can be divided';
  }
  if (shared.as === 'cxl-device' && tier_bytes !== undefined) {
    return 'a memory tier beside an emulated CXL device; choose one of them';
  }
  return undefined;
}

function machineType(hardware: Hardware, cxl: boolean): string[] {
  const { accelerator } = hardware;
  // With only local memory below 4 GiB, the shared memory starts where local memory ends above 4 GiB, and the
  // firmware's tables, which go to the end of low memory, stay out of it.
  const layout = cxl ? 'cxl=on,nvdimm=on' : `max-ram-below-4g=${lowMemory_bytes(hardware)}`;
  const accel = accelerator === 'kvm' ? 'kvm' : 'tcg,thread=multi';
  // Without ERMS Linux clears and copies pages by words, which an emulated processor does twice as fast as by bytes.
  const cpu = accelerator === 'kvm' ? 'host' : 'max,erms=off';
  // Since 6.2 Linux makes no CXL region where a hypervisor may keep it from flushing caches.
  const bare = cxl ? ',hypervisor=off' : '';
  return ['-machine', `q35,${layout}`, '-accel', accel, '-cpu', `${cpu}${bare}`];
}

function numaMemory({ memory_bytes, cpus, shared, tier_bytes }: Hardware): string[] {
  const parts = [
    `memory-backend-ram,id=local,size=${memory_bytes}`,
    ...(shared === undefined
      ? []
      : [
          `memory-backend-file,id=shared,size=${shared.size_bytes},mem-path=${shared.path},share=on`,
        ]),
    ...(tier_bytes === undefined ? [] : [`memory-backend-ram,id=tier,size=${tier_bytes}`]),
  ];
  const total = memory_bytes + (shared?.size_bytes ?? 0) + (tier_bytes ?? 0);
  return [
    ...['-m', `${total / mebibyte}M`],
    ...parts.flatMap((part) => ['-object', part]),
    ...['-numa', `node,nodeid=0,cpus=0-${cpus - 1},memdev=local`],
    ...(shared === undefined ? [] : ['-numa', 'node,nodeid=1,memdev=shared']),
    ...(tier_bytes === undefined
      ? []
      : ['-numa', `node,nodeid=${shared === undefined ? 1 : 2},memdev=tier`]),
  ];
}

function cxlMemory({ memory_bytes, shared }: Hardware): string[] {
  const { path, labelPath, size_bytes } = shared!;
  return [
    ...['-m', `${memory_bytes / mebibyte}M,slots=2,maxmem=8G`, '-object'],
    `memory-backend-file,id=shared,share=on,mem-path=${path},size=${size_bytes}`,
    ...['-object', `memory-backend-file,id=labels,share=on,mem-path=${labelPath},size=1M`],
    ...['-device', 'pxb-cxl,bus_nr=12,bus=pcie.0,id=cxl.1'],
    ...['-device', 'cxl-rp,port=0,bus=cxl.1,id=device_port,chassis=0,slot=2'],
    // With one root port Linux passes the host bridge by, and QEMU 7.2 then drops all writes silently.
    ...['-device', 'cxl-rp,port=1,bus=cxl.1,id=empty_port,chassis=0,slot=3'],
    ...['-device', 'cxl-type3,bus=device_port,memdev=shared,lsa=labels,id=cxl-pmem0'],
    ...['-machine', 'cxl-fmw.0.targets.0=cxl.1,cxl-fmw.0.size=4G'],
  ];
}

function kernelCommandLine({ node, shared, kernelParameters }: Hardware): string {
  const words = [
    'console=ttyS0',
    // Warnings too go to the console, where they outlive a machine that dies.
    'loglevel=5',
    'panic=-1',
    // Emulated processors that share two busy cores are slow, not stuck, and their timers are late, not broken.
    'no_timer_check',
    'watchdog_thresh=60',
    'rcupdate.rcu_cpu_stall_timeout=120',
    `node=${node}`,
  ];
  if (shared?.as === 'numa-node') {
    // Turns the range from usable memory into soft-reserved memory, as firmware marks CXL memory.
    const { base = sharedBase, disk_bytes = 0 } = shared;
    const reserved_bytes = shared.size_bytes - disk_bytes;
    words.push(`memmap=${reserved_bytes}%0x${base.toString(16)}-1+0xefffffff`);
    if (disk_bytes > 0) {
      words.push(`memmap=${disk_bytes}!0x${(base + reserved_bytes).toString(16)}`);
    }
  }
  if (shared?.as === 'cxl-device') {
    // QEMU 7.2's device has no interrupts for its event logs, for which Linux since 6.3 refuses it, unless the
    // events are the firmware's business.
    words.push('pcie_ports=compat');
  }
  return [...words, ...(kernelParameters ?? [])].join(' ');
}
