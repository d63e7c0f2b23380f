/** All systems that are told by their stages, by name: the one place that lists them. */

import type { StagedMechanism } from '../../staged-mechanism.ts';
import aquifer from './aquifer.ts';
import cubesandbox from './cubesandbox.ts';
import cxlAgent from './cxl-agent.ts';
import deltabox from './deltabox.ts';
import docker from './docker.ts';
import e2b from './e2b.ts';
import faasnap from './faasnap.ts';
import firecrackerCold from './firecracker-cold.ts';
import firecrackerSnapshot from './firecracker-snapshot.ts';
import forkd from './forkd.ts';
import gvisorCold from './gvisor-cold.ts';
import gvisorRestore from './gvisor-restore.ts';
import kata from './kata.ts';
import mitos from './mitos.ts';
import processStart from './process-start.ts';
import reap from './reap.ts';
import tinykvm from './tinykvm.ts';
import trenv from './trenv.ts';
import wasmtime from './wasmtime.ts';
import zeroboot from './zeroboot.ts';

const systems: readonly StagedMechanism[] = [
  forkd,
  docker,
  firecrackerCold,
  firecrackerSnapshot,
  gvisorCold,
  gvisorRestore,
  kata,
  processStart,
  tinykvm,
  wasmtime,
  reap,
  faasnap,
  trenv,
  aquifer,
  deltabox,
  cubesandbox,
  e2b,
  mitos,
  zeroboot,
  cxlAgent,
];

export const stagedMechanisms: Readonly<Record<string, StagedMechanism>> = Object.fromEntries(
  systems.map((system) => [system.name, system]),
);
