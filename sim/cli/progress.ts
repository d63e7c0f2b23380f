/** A progress bar on standard error, for runs that take longer than a second before a terminal. */

import cliProgress from 'cli-progress';

const delay_ms = 1000;

export interface ProgressBar {
  show(progress: { finished: number; total: number }): void;
  end(): void;
}

export function progressBar(label: string): ProgressBar {
  const stream = process.stderr;
  if (!stream.isTTY) return { show() {}, end() {} };
  const format = `${label} {bar} {value}/{total} trials, {eta_formatted} left`;
  const bar = new cliProgress.SingleBar({ format, stream, clearOnComplete: true });
  let latest = { finished: 0, total: 0 };
  let started = false;
  const timer = setTimeout(() => {
    started = true;
    bar.start(latest.total, latest.finished);
  }, delay_ms);
  return {
    show(progress) {
      latest = progress;
      if (started) bar.update(progress.finished);
    },
    end() {
      clearTimeout(timer);
      if (started) bar.stop();
    },
  };
}
