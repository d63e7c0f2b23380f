/** A Linux kernel that guests can boot and that modules can be built for. */

/** A kernel as a user names it. */
export type KernelName = '6.1' | '6.12' | '6.12-debug';

export const debianKernels: readonly KernelName[] = ['6.1', '6.12'];

export const kernelNames: readonly KernelName[] = [...debianKernels, '6.12-debug'];

/** How many times as long as on Debian's kernels things may take: a kernel that checks itself is slow. */
export const patience: Readonly<Record<KernelName, number>> = {
  '6.1': 1,
  '6.12': 1,
  '6.12-debug': 4,
};

export interface Kernel {
  readonly name: KernelName;
  /** What `uname -r` says in the guest. */
  readonly release: string;
  readonly image: string;
  /** Directory to give to Kbuild as `KDIR`. */
  readonly headers: string;
  /** Directory `/lib/modules/<release>`, with its `modules.dep`. */
  readonly modules: string;
}
