/** How much memory pages are. */

import { bytes_per_mb, page_bytes } from '../../units.ts';

export function megabytes(pages: number): number {
  return (pages * page_bytes) / bytes_per_mb;
}
