/** What is packed by gzip, opened. */

import { gunzipSync } from 'node:zlib';

/** Nothing where it is not packed, or cannot be opened. */
export function unpacked(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(bytes);
  } catch {
    return undefined;
  }
}
