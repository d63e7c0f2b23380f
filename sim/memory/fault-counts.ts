/** What happened in an address space since it was made. */

export interface FaultCounts {
  cow_faults: number;
  migration_faults: number;
  minor_faults: number;
  pages_copied: number;
  leaves_attached: number;
  leaves_built: number;
  leaves_unshared: number;
}

export function noFaults(): FaultCounts {
  return {
    cow_faults: 0,
    migration_faults: 0,
    minor_faults: 0,
    pages_copied: 0,
    leaves_attached: 0,
    leaves_built: 0,
    leaves_unshared: 0,
  };
}
