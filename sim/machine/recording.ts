/** What `cxlsim trace record` needs: valgrind with its libraries and headers, and a C compiler. */

import { type Finding, missing, there } from './finding.ts';
import type { MachineFiles } from './machine-files.ts';

const machines: Readonly<Record<string, { readonly valgrind: string; readonly debian: string }>> = {
  x64: { valgrind: 'amd64', debian: 'x86_64' },
  arm64: { valgrind: 'arm64', debian: 'aarch64' },
};

/** `arch` is Node's name of the processor. */
export function recordingFindings(files: MachineFiles, arch: string): Finding[] {
  const machine = machines[arch];
  if (machine === undefined) {
    return [missing('processor', arch, 'record on x86-64 or arm64, and bring the trace here')];
  }
  const libraries = [
    `/usr/lib/${machine.debian}-linux-gnu/valgrind`,
    '/usr/lib/valgrind',
    '/usr/lib64/valgrind',
  ];
  const core = libraries
    .map((folder) => `${folder}/libcoregrind-${machine.valgrind}-linux.a`)
    .find((path) => files.exists(path));
  const install = 'apt-get install valgrind';
  const compiler = files.program('cc');
  return [
    program(files, 'valgrind', install),
    core === undefined
      ? missing("valgrind's libraries", `no libcoregrind-${machine.valgrind}-linux.a`, install)
      : there("valgrind's libraries", core),
    files.exists('/usr/include/valgrind/pub_tool_basics.h')
      ? there("valgrind's headers", '/usr/include/valgrind')
      : missing("valgrind's headers", 'no pub_tool_basics.h', install),
    compiler === undefined
      ? missing('C compiler', 'no cc', 'apt-get install gcc libc6-dev')
      : there('C compiler', compiler),
  ];
}

function program(files: MachineFiles, name: string, install: string): Finding {
  const path = files.program(name);
  return path === undefined ? missing(name, 'not installed', install) : there(name, path);
}
