# SPDX-License-Identifier: Apache-2.0
"""Calls a handler once for each input, between the lines by which cxlsim tells invocations apart."""

import gc
import os


def serve(handler, inputs):
    # What initialisation left behind is collected once, not in whichever invocation comes to it.
    gc.collect()
    for each in inputs:
        os.write(1, b'cxlsim:invocation:begin\n')
        handler(each)
        os.write(1, b'cxlsim:invocation:end\n')
