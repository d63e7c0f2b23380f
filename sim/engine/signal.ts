/** Something that happens once in simulated time, and that activities wait for by yielding it. */

/** What a signal wakes. */
export interface Waiter {
  wake(): void;
}

export class Signal {
  private has_fired = false;
  private waiters: Waiter[] | undefined;

  get fired(): boolean {
    return this.has_fired;
  }

  /**
   * Wakes everyone who waits, now, in the order they came; they run after what is already due at
   * this instant. Whoever waits later goes on at once. Firing again changes nothing.
   */
  fire(): void {
    if (this.has_fired) return;
    this.has_fired = true;
    const waiters = this.waiters;
    this.waiters = undefined;
    if (waiters !== undefined) for (const waiter of waiters) waiter.wake();
  }

  /** The simulation's half of `yield signal`; models have no use for it. */
  add(waiter: Waiter): void {
    if (this.waiters === undefined) this.waiters = [waiter];
    else this.waiters.push(waiter);
  }
}
