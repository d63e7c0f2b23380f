/**
 * A request from its arrival to its one end. What has ended is used again for one that comes later: millions pass, and
 * objects that are thrown away cost a fifth of their time. Times are numbers from the beginning, so that a new one is written
 * where the old one was.
 */

export class Request {
  of = 0;
  arrived_ns = Number.NaN;
  /** So many times what its function computes usually. */
  work = Number.NaN;
  /** Since its function's last request before it had ended; NaN where it is the first. */
  idle_before_ns = Number.NaN;
  started_by: 'warm' | 'cold' | 'fork' = 'warm';
  /** When it had its turn, when its shell was there, and when its process could run. */
  begun_ns = Number.NaN;
  shelled_ns = Number.NaN;
  ready_ns = Number.NaN;
  /** The next in its line. */
  behind: Request | undefined = undefined;
}

/** Requests in the system, and objects for the next ones. */
export class Requests {
  /** The first of those that nobody uses, in a line. */
  #free = new Request();

  arrived(of: number, now_ns: number): Request {
    const request = this.#free;
    this.#free = request.behind ?? new Request();
    request.behind = undefined;
    request.of = of;
    request.arrived_ns = now_ns;
    request.started_by = 'warm';
    return request;
  }

  /** Nobody may look at it any more. */
  ended(request: Request): void {
    request.behind = this.#free;
    this.#free = request;
  }
}
