/** What became of a program, and whether that is worse than what is known of it. */

/** How a program ended: what its last line says, or that it wrote none. */
export interface End {
  /** The program has ended within its time. */
  readonly ended: boolean;
  /** It renamed its report, as it does at its regular end. */
  readonly reported: boolean;
  /** Last lines of its report. */
  readonly report: string;
}

/** As far as the trial got: what follows a failure is absent. */
export interface Observation {
  /** The same program on one node, without a checkpoint. */
  readonly control: End;
  /** Of the second start, which is checkpointed: undefined where it did not start. */
  readonly checkpoint?: { readonly refusal?: string };
  readonly restore?: { readonly refusal?: string; readonly differs: readonly string[] };
  readonly child?: End & { readonly code: number };
}

export const verdictNames = [
  'passes',
  'told',
  'refused',
  'refused at restore',
  'changed',
  'lost',
  'does not pass alone',
] as const;

export type VerdictName = (typeof verdictNames)[number];

export interface Verdict {
  readonly verdict: VerdictName;
  readonly reason: string;
}

/** In what every child of a trial differs, by how it is restored: it leads no session. */
const always = ['session'];

/** As CRIU's harness judges: PASS is a word of the last line. What was skipped has shown nothing, though. */
function passed({ ended, reported, report }: End): boolean {
  const last = report.trimEnd().split('\n').at(-1)!;
  return ended && reported && last.split(/\s+/).includes('PASS') && !report.includes('SKIP:');
}

/** The line that says what was wrong, without the time and the pid that it begins with. */
function complaint(report: string): string {
  const lines = report.trimEnd().split('\n');
  const line =
    lines.findLast((each) => /(FAIL|ERR|SKIP): \S+:\d+: *[^( ]/.test(each)) ??
    lines.findLast((each) => /FAIL|ERR/.test(each)) ??
    lines.at(-1)!;
  return line
    .replace(/^[\d:.]+:\s*\d+:\s*/, '')
    .replace(/ \(errno = .*\)$/, '')
    .trim();
}

/** Without what is another each time: process ids, and where memory lies. */
function lasting(reason: string): string {
  return reason
    .replace(/\b(process|thread) \d+/g, '$1')
    .replace(/ at \[0x[\da-f]+, 0x[\da-f]+\)/g, '')
    .replace(/ [\da-f]{12}\b/g, '');
}

function fate(end: End): string {
  if (!end.ended) return 'does not end';
  return end.reported ? complaint(end.report) : `ends without a report: ${complaint(end.report)}`;
}

export function judge(observation: Observation): Verdict {
  const { verdict, reason } = decide(observation);
  return { verdict, reason: lasting(reason) };
}

function decide({ control, checkpoint, restore, child }: Observation): Verdict {
  if (!passed(control)) return { verdict: 'does not pass alone', reason: fate(control) };
  if (checkpoint === undefined) {
    return { verdict: 'does not pass alone', reason: 'does not start a second time' };
  }
  if (checkpoint.refusal !== undefined) return { verdict: 'refused', reason: checkpoint.refusal };
  if (restore === undefined || child === undefined || restore.refusal !== undefined) {
    return { verdict: 'refused at restore', reason: restore?.refusal ?? 'no answer' };
  }
  const told = restore.differs.filter((name) => !always.includes(name));
  const said = told.length > 0 ? `told: ${told.join(', ')}` : '';
  if (passed(child)) return { verdict: 'passes', reason: said };
  const reason = [fate(child), said].filter((part) => part !== '').join('; ');
  if (!child.ended || !child.reported) {
    return { verdict: 'lost', reason: `exit code ${child.code}; ${reason}` };
  }
  return { verdict: told.length > 0 ? 'told' : 'changed', reason };
}

/** In this order each is worse than those before it; a program that does not pass alone says nothing. */
export function isWorse(now: VerdictName, before: VerdictName): boolean {
  if (now === 'does not pass alone' || before === 'does not pass alone') return false;
  return verdictNames.indexOf(now) > verdictNames.indexOf(before);
}
