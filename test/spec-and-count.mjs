/**
 * Mocha's spec reporter; then where the time went, if much went anywhere; and one closing line that counts, for whoever
 * reads only the end.
 */

import Mocha from 'mocha';

const { EVENT_HOOK_END, EVENT_RUN_END, EVENT_TEST_END } = Mocha.Runner.constants;
const worth_telling_ms = 20_000;

/** Suites by what they took, in tests and in what comes before and after them: machines that boot, for one. */
class Times {
  #suites = new Map();

  add(runnable, kind) {
    const [title] = runnable.titlePath();
    const suite = this.#suites.get(title) ?? { title, test_ms: 0, hook_ms: 0 };
    this.#suites.set(title, suite);
    suite[kind] += runnable.duration ?? 0;
  }

  lines() {
    const of = ({ test_ms, hook_ms }) => test_ms + hook_ms;
    const slow = [...this.#suites.values()].filter((suite) => of(suite) >= worth_telling_ms);
    if (slow.length === 0) return [];
    const seconds = (ms) => String(Math.round(ms / 1000)).padStart(8);
    return [
      `${'tests, s'.padStart(8)} ${'hooks, s'.padStart(8)}  suites of ${worth_telling_ms / 1000} s and more`,
      ...slow
        .sort((a, b) => of(b) - of(a))
        .map(({ title, test_ms, hook_ms }) => `${seconds(test_ms)} ${seconds(hook_ms)}  ${title}`),
    ];
  }
}

export default class SpecAndCount extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const times = new Times();
    runner.on(EVENT_TEST_END, (test) => times.add(test, 'test_ms'));
    runner.on(EVENT_HOOK_END, (hook) => times.add(hook, 'hook_ms'));
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats;
      const skipped = pending > 0 ? `, ${pending} skipped` : '';
      for (const line of times.lines()) console.log(line);
      console.log(`${passes} passed, ${failures} failed${skipped}`);
    });
  }
}
