# SPDX-License-Identifier: Apache-2.0
"""Serves the functions of traces/functions on real kernels: one invocation for each SIGUSR1.

Says `ready PID BOOTTIME_NS` when the function is initialised, `done COUNT BEGIN_NS END_NS` after each
invocation. SIGUSR2 forks, and the child serves too: `forked PID BEGIN_NS END_NS`. SIGTERM ends. The
times are equally long, and no duration is computed, since its size would depend on how long it took, and with it
the memory that is touched. Between invocations the process waits in sigwait, with no thread but its own and
nothing open but its output.
"""

import gc
import os
import signal
import time


def serve(handler, inputs):
    signals = {signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    inputs = list(inputs)
    count = 0
    # What initialisation left behind is collected once, not in whichever invocation comes to it.
    gc.collect()
    say(f'ready {os.getpid()} {time.clock_gettime_ns(time.CLOCK_BOOTTIME)}')
    while True:
        number = signal.sigwait(signals)
        begin_ns = time.monotonic_ns()
        if number == signal.SIGTERM:
            return
        if number == signal.SIGUSR2:
            child = os.fork()
            if child:
                say(f'forked {child} {begin_ns:020} {time.monotonic_ns():020}')
            continue
        handler(inputs[count % len(inputs)])
        count += 1
        say(f'done {count} {begin_ns:020} {time.monotonic_ns():020}')


def say(line):
    os.write(1, f'{line}\n'.encode())
