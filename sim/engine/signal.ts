/** Something that happens once in simulated time, and that activities wait for by yielding it. */

/** What a signal wakes. */
export interface Waiter {
  wake(): void;
}

export class Signal {
  #fired = false;
  /** In the order they came. Most signals have one waiter, and one waiter needs no set. */
  #waiters: Waiter | Set<Waiter> | undefined;

  get fired(): boolean {
    return this.#fired;
  }

  /**
   * Wakes everyone who waits, now, in the order they came; they run after what is already due at
   * this instant. Whoever waits later goes on at once. Firing again changes nothing.
   */
  fire(): void {
    if (this.#fired) return;
    this.#fired = true;
    const waiters = this.#waiters;
    this.#waiters = undefined;
    if (waiters instanceof Set) for (const waiter of waiters) waiter.wake();
    else waiters?.wake();
  }

  /** A wait for this signal that lasts `delay_ns` at most; `fired` then tells which of both came. */
  within(delay_ns: number): SignalOrDelay {
    return new SignalOrDelay(this, delay_ns);
  }

  /** The simulation's half of `yield signal`; models have no use for it. */
  add(waiter: Waiter): void {
    const waiters = this.#waiters;
    if (waiters === undefined) this.#waiters = waiter;
    else if (waiters instanceof Set) waiters.add(waiter);
    else this.#waiters = new Set([waiters, waiter]);
  }

  /** The simulation's way to have a waiter wait no longer. */
  remove(waiter: Waiter): void {
    const waiters = this.#waiters;
    if (waiters instanceof Set) waiters.delete(waiter);
    else if (waiters === waiter) this.#waiters = undefined;
  }
}

/** What `Signal.within` makes, to be yielded at once. */
export class SignalOrDelay {
  readonly signal: Signal;
  readonly delay_ns: number;

  constructor(signal: Signal, delay_ns: number) {
    this.signal = signal;
    this.delay_ns = delay_ns;
  }

  get fired(): boolean {
    return this.signal.fired;
  }
}
