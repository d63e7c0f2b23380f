/** The shared memory behind QEMU's emulated CXL device: driven through Linux's CXL stack until programs can map it. */
import type { Machine } from './machine.ts';

export interface CxlRegion {
  /** Physical address and size of the region that the CXL driver made. */
  readonly resource: number;
  readonly size: number;
}

const drivers = 'cxl_acpi cxl_pci cxl_mem cxl_pmem nfit nd_pmem dax_pmem device_dax';

// The port driver is part of another one on some kernels. Devices appear some time after their driver.
const findDevice = `
modprobe cxl_port 2>/dev/null
for driver in ${drivers}; do modprobe $driver || exit 1; done
for attempt in $(seq 1200); do
  cxl list -M -E 2>/dev/null | grep -q endpoint && exit
  sleep 0.1
done
echo 'no CXL memory device appeared' >&2
exit 1`;

/** Lets the CXL driver find the device and make a region of it. The guest needs the Debian root file system. */
export async function createCxlRegion(machine: Machine): Promise<CxlRegion> {
  await machine.check(findDevice);
  return JSON.parse(await machine.check('cxl create-region -m -d decoder0.0 -w 1 mem0'));
}

/**
 * Makes the region a DAX device; resolves to its name. Its page descriptions go to local memory ("map=mem"): in
 * the region, which is the default, two kernels would write over each other's.
 */
export async function createCxlDaxDevice(machine: Machine): Promise<string> {
  const namespace = JSON.parse(
    await machine.check('ndctl create-namespace -m devdax --map=mem -f -r region0'),
  );
  return namespace.daxregion.devices[0].chardev;
}
