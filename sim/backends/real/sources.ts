/** What the module that runs on real kernels is made of, from the project's root. */

export const module_sources: readonly string[] = [
  'kernel-module/Kbuild',
  'kernel-module/Makefile',
  'kernel-module/include',
  'kernel-module/module',
  'kernel-module/tools',
];
