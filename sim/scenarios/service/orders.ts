/** Places among what is due at one time, in the order in which it was set, for all that it was set with. */

import { order_limit } from '../../engine/event-queue.ts';

export class Orders {
  #next = 0;

  next(): number {
    if (this.#next >= order_limit) throw new RangeError(`more than ${order_limit} times were set`);
    const order = this.#next;
    this.#next = order + 1;
    return order;
  }
}
