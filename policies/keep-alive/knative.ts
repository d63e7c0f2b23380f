/**
 * Knative's autoscaler (KPA), rules of knative/serving at 98e5ef9: every 2 s the number of instances follows the mean of
 * requests in the system over a stable and a panic window; requests wait until there are enough.
 *
 *     want  = ⌈mean over the window / target⌉, at most `up` times, at least half of what is ready
 *     panic = want of the panic window ≥ 2 · ready: the larger of both, and never fewer, for a stable window
 *     none  = an empty stable window, and 30 s since it was empty or since requests have been proxied for too few instances
 */

import { defineKeepAlive } from 'cxlsim/keep-alive';

const tick_s = 2;
const most_up = 1000;
const most_down = 2;

export default defineKeepAlive({
  description:
    'as many instances as the mean number of requests over windows of 60 and 6 s asks for',
  tick_s,
  starts_by_scale: true,
  parameters: {
    stable_window_s: {
      default: 60,
      unit: 's',
      minimum: 6,
      maximum: 3600,
      description: 'window of the mean that decides while nothing is urgent',
      source: 'knative/serving config-autoscaler: stable-window',
    },
    panic_window_share: {
      default: 0.1,
      unit: 'share',
      minimum: 0.01,
      maximum: 1,
      description: 'the panic window, of the stable one',
      source: 'config-autoscaler: panic-window-percentage 10',
    },
    panic_threshold: {
      default: 2,
      unit: '',
      minimum: 1,
      maximum: 10,
      description: 'panic where the panic window wants so many times what is ready',
      source: 'config-autoscaler: panic-threshold-percentage 200',
    },
    target_utilisation: {
      default: 0.7,
      unit: 'share',
      minimum: 0.01,
      maximum: 1,
      description: 'of an instance, which serves one request at a time',
      source: 'config-autoscaler: container-concurrency-target-percentage 70',
    },
    grace_s: {
      default: 30,
      unit: 's',
      minimum: 0,
      maximum: 3600,
      description:
        'the last instance stays so long after the stable window was empty, unless its requests were proxied for so long',
      source: 'config-autoscaler: scale-to-zero-grace-period',
    },
    burst_capacity: {
      default: 211,
      unit: 'requests',
      minimum: 0,
      maximum: 1e6,
      description: 'requests are proxied while instances could not take so many more at once',
      source: 'config-autoscaler: target-burst-capacity',
    },
  },
  begin({ functions }, values) {
    const ticks = Math.max(1, Math.round(values.stable_window_s / tick_s));
    const panic_ticks = Math.max(1, Math.round(ticks * values.panic_window_share));
    const known = functions.map(() => ({
      seen: [] as number[],
      panics_until_s: Number.NEGATIVE_INFINITY,
      most: 0,
      idle_since_s: undefined as number | undefined,
      proxied_since_s: undefined as number | undefined,
    }));
    const mean = (seen: readonly number[], last: number) => {
      const window = seen.slice(-last);
      return window.reduce((sum, each) => sum + each, 0) / window.length;
    };
    return {
      // The scale alone decides.
      idle: () => ({ keep_s: Number.POSITIVE_INFINITY }),
      scale({ of, now_s, instances, ready: there, concurrency }) {
        const own = known[of]!;
        own.seen.push(concurrency);
        if (own.seen.length > ticks) own.seen.shift();
        const ready = Math.max(1, there);
        const wantOf = (average: number) => {
          const want = Math.ceil(average / values.target_utilisation);
          return Math.min(
            Math.max(want, Math.floor(ready / most_down)),
            Math.ceil(most_up * ready),
          );
        };
        const stable = mean(own.seen, ticks);
        const panic = mean(own.seen, panic_ticks);
        const is_proxied = Math.floor(ready - values.burst_capacity - panic) < 0;
        own.proxied_since_s = is_proxied ? (own.proxied_since_s ?? now_s) : undefined;
        if (Math.ceil(panic / values.target_utilisation) / ready >= values.panic_threshold) {
          own.panics_until_s = now_s + values.stable_window_s;
        }
        if (now_s < own.panics_until_s) {
          own.most = Math.max(own.most, wantOf(stable), wantOf(panic));
          own.idle_since_s = undefined;
          return own.most;
        }
        own.most = 0;
        const want = wantOf(stable);
        if (want > 0) {
          own.idle_since_s = undefined;
          return want;
        }
        own.idle_since_s ??= now_s;
        const since_s = Math.min(own.idle_since_s, own.proxied_since_s ?? now_s);
        return now_s - since_s >= values.grace_s ? 0 : Math.min(instances, 1);
      },
    };
  },
});
