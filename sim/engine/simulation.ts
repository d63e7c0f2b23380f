/**
 * Simulated time: a clock of whole nanoseconds and the activities that wait on it.
 *
 *     const simulation = new Simulation();
 *     const child = simulation.start(restore(), 0, 'restore');
 *     simulation.run();
 *     child.result; simulation.now_ns;
 *
 * The same activities started in the same order always run in the same order: by time, and within
 * one instant by when they began to wait for it.
 */

import { type Activity, ActivityError, type ActivityHandle, type Wait } from './activity.ts';
import { EventQueue, id_limit } from './event-queue.ts';
import { Running } from './running.ts';
import { Signal, type SignalOrDelay } from './signal.ts';

/** Called by itself, the method costs no look-up on each of the many kinds of generator. */
const resume: (this: Activity<unknown>) => IteratorResult<Wait, unknown> = Object.getPrototypeOf(
  function* (): Activity {},
).prototype.next;

/**
 * Stands in for the steps of an activity whose event is not simply the end of a delay: it races with a
 * signal, or it is dead, since its activity was stopped or went on for a signal.
 */
const not_a_delay: Activity<unknown> = (function* (): Activity {})();

/** Dead events are taken out of the queue when they are more than the others, and than this. */
const dead_at_least = 64;

export class Simulation {
  private readonly queue = new EventQueue();
  /** Events whose activity waits for them no longer; they go when they are due, or are too many. */
  private dead_count = 0;
  /** Live activities by id, which is how the queue refers to them. */
  private readonly live: (Running<unknown> | undefined)[] = [];
  /** Their generators once more, by id: a step that only delays touches nothing else of them. */
  private readonly steps: (Activity<unknown> | undefined)[] = [];
  private readonly free_ids: number[] = [];
  private clock_ns = 0;
  private waiting_count = 0;
  private running = false;
  private until_ns = 0;

  get now_ns(): number {
    return this.clock_ns;
  }

  /** Activities that wait for a signal. If any do when `run` is through, nothing will wake them. */
  get waiting(): number {
    return this.waiting_count;
  }

  /** Activities that wait for a time. */
  get pending(): number {
    return this.queue.size - this.dead_count;
  }

  /** Has the activity begin `delay_ns` from now; its name is for error messages. */
  start<R>(activity: Activity<R>, delay_ns = 0, name = 'activity'): ActivityHandle<R> {
    const time_ns = this.timeAfter(delay_ns);
    const started = new Running<R>(this, name, activity);
    this.settle(started);
    this.queue.insert(time_ns, started.id);
    return started;
  }

  /** Gives the activity an id. */
  private settle(activity: Running<unknown>): void {
    const id = this.free_ids.pop() ?? this.live.length;
    if (id >= id_limit) throw new RangeError(`more than ${id_limit} activities at once`);
    activity.id = id;
    this.live[id] = activity;
    this.steps[id] = activity.steps;
  }

  /**
   * Runs all that is due up to and including `until_ns` and leaves the clock there; without it,
   * runs until nothing is due any more. Throws an `ActivityError` if an activity throws.
   */
  run(until_ns = Number.POSITIVE_INFINITY): void {
    const bounded = until_ns !== Number.POSITIVE_INFINITY;
    if (bounded && !(until_ns >= this.clock_ns && Number.isSafeInteger(until_ns))) {
      throw new RangeError(
        `cannot run until ${until_ns} ns at ${this.clock_ns} ns; expected a whole number of nanoseconds ` +
          'that is not over yet',
      );
    }
    if (this.running) throw new Error('the simulation is running; start an activity instead');
    this.running = true;
    this.until_ns = until_ns;
    try {
      while (this.queue.size > 0 && this.queue.next_time_ns <= until_ns) this.step();
    } finally {
      this.running = false;
    }
    if (bounded) this.clock_ns = until_ns;
  }

  /**
   * Lets a delay pass at once for the activity that runs now, if nothing else can happen meanwhile;
   * false if something may, and then the activity has to yield the delay. Both ways are the same to
   * all clocks and counts; this one spares an activity the way through the queue.
   *
   *     if (!simulation.pass(391)) yield 391;
   */
  pass(delay_ns: number): boolean {
    if (!this.running) return false;
    const time_ns = this.timeAfter(delay_ns);
    if (time_ns >= this.queue.following_time_ns || time_ns > this.until_ns) return false;
    this.clock_ns = time_ns;
    return true;
  }

  /**
   * Resumes the activity that is due. Its event stays at the head of the queue meanwhile, where
   * nothing can pass it (all else is later, or inserted later), so that a delay only moves it.
   */
  private step(): void {
    const id = this.queue.next_id;
    let steps = this.steps[id]!;
    if (steps === not_a_delay) {
      const expired = this.live[id];
      if (expired === undefined) {
        this.bury(id);
        return;
      }
      steps = this.expire(expired);
    }
    this.clock_ns = this.queue.next_time_ns;
    // Looking at the activity that follows brings it from memory while this one runs: a fifth
    // faster at 100,000 pending.
    if (typeof this.steps[this.queue.following_id] !== 'object') {
      throw new Error('an event is pending whose activity has ended');
    }
    try {
      let step = resume.call(steps);
      while (!step.done && typeof step.value !== 'number' && step.value.fired) {
        step = resume.call(steps);
      }
      if (step.done) this.drop(id).end(step.value);
      else if (typeof step.value === 'number') this.queue.postpone(this.timeAfter(step.value));
      else this.park(id, step.value);
    } catch (error) {
      throw new ActivityError(this.drop(id).name, this.clock_ns, error);
    }
  }

  private park(id: number, wait: Signal | SignalOrDelay): void {
    const activity = this.live[id]!;
    if (wait instanceof Signal) {
      this.queue.remove();
      this.waiting_count++;
      activity.waitFor(wait);
      return;
    }
    this.queue.postpone(this.timeAfter(wait.delay_ns));
    this.steps[id] = not_a_delay;
    activity.waitFor(wait.signal);
  }

  /** The delay of a signal or a delay is over first. */
  private expire(activity: Running<unknown>): Activity<unknown> {
    activity.waitNoLonger();
    this.steps[activity.id] = activity.steps;
    return activity.steps;
  }

  /** Has an activity that waited for a signal go on at this instant. */
  wake(activity: Running<unknown>): void {
    // One that also waits for a delay leaves its event behind, and takes another id.
    if (this.steps[activity.id] === not_a_delay) {
      this.disown(activity.id);
      this.settle(activity);
      this.tidy();
    } else this.waiting_count--;
    this.queue.insert(this.clock_ns, activity.id);
  }

  /** Whether the activity is the one that runs now: its event is at the head until it waits again. */
  isStepping(activity: Running<unknown>): boolean {
    return this.running && this.queue.next_id === activity.id;
  }

  /** Forgets an activity that is being stopped, and what it waits for. */
  forget(activity: Running<unknown>): void {
    const { id } = activity;
    const awaited = activity.waitNoLonger();
    if (awaited && this.steps[id] !== not_a_delay) {
      this.waiting_count--;
      this.vacate(id);
    } else {
      this.disown(id);
      this.tidy();
    }
  }

  /** Leaves the event of the id in the queue without an activity. */
  private disown(id: number): void {
    this.live[id] = undefined;
    this.steps[id] = not_a_delay;
    this.dead_count++;
  }

  /** Takes a dead event, which is the earliest, out of the queue; no time passes for it. */
  private bury(id: number): void {
    this.queue.remove();
    this.dead_count--;
    this.vacate(id);
  }

  private tidy(): void {
    if (this.dead_count < dead_at_least || 2 * this.dead_count < this.queue.size) return;
    this.queue.discard((id) => {
      if (this.live[id] !== undefined) return false;
      this.vacate(id);
      return true;
    });
    this.dead_count = 0;
  }

  private vacate(id: number): void {
    this.live[id] = undefined;
    this.steps[id] = undefined;
    this.free_ids.push(id);
  }

  private drop(id: number): Running<unknown> {
    const activity = this.live[id]!;
    this.queue.remove();
    this.vacate(id);
    return activity;
  }

  private timeAfter(delay_ns: number): number {
    const time_ns = this.clock_ns + delay_ns;
    if (delay_ns >= 0 && Number.isSafeInteger(time_ns) && Number.isInteger(delay_ns))
      return time_ns;
    throw new RangeError(
      `a delay of ${delay_ns} ns at ${this.clock_ns} ns; expected a whole number of nanoseconds, not ` +
        `negative, that ends by ${Number.MAX_SAFE_INTEGER} ns`,
    );
  }
}
