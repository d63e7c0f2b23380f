/** The shared memory as the DAX device that the guest's kernel makes of it. */
import type { Machine } from './machine.ts';

/** Makes the shared memory's DAX device appear, with no driver chosen; resolves to its name. */
export async function findDaxDevice(machine: Machine): Promise<string> {
  await machine.check('modprobe dax_hmem');
  const names = (await machine.check('ls /sys/bus/dax/devices')).trim().split('\n');
  if (names.length !== 1 || names[0] === '') {
    throw new Error(`${machine.node}: DAX devices ${names.join(' ')}; expected exactly one`);
  }
  return names[0]!;
}

/** Makes the shared memory a device file that programs can map; resolves to its path. */
export async function openDaxDevice(machine: Machine): Promise<string> {
  const name = await findDaxDevice(machine);
  const driver = '/sys/bus/dax/drivers/device_dax';
  // Since Linux 6.3 this memory goes to the kmem driver unless told otherwise.
  await machine.check(
    `modprobe device_dax; [ -e ${driver}/${name} ] || echo ${name} > ${driver}/new_id`,
  );
  return `/dev/${name}`;
}
