// SPDX-License-Identifier: Apache-2.0
// Calls a handler once for each input, between the lines by which cxlsim tells invocations apart.

import { writeSync } from 'node:fs';

export function serve(handler, inputs) {
  for (const each of inputs) {
    writeSync(1, 'cxlsim:invocation:begin\n');
    handler(each);
    writeSync(1, 'cxlsim:invocation:end\n');
  }
}
