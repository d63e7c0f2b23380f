/** What the simulator needs: almost nothing, and never root. */

import { type Finding, lesser, missing, there } from './finding.ts';

export interface SimulatorFacts {
  /** `process.versions.node`. */
  readonly node: string;
  readonly platform: string;
  /** Why figures cannot be drawn here, if they cannot. */
  readonly drawing: string | undefined;
}

const least = [20, 19] as const;

export function simulatorFindings({ node, platform, drawing }: SimulatorFacts): Finding[] {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const recent = major > least[0] || (major === least[0] && minor >= least[1]);
  return [
    recent
      ? there('Node.js', node)
      : missing('Node.js', node, `install Node.js ${least.join('.')} or later`),
    platform === 'linux'
      ? there('operating system', platform)
      : lesser('operating system', platform, 'Linux is what it is tested on'),
    drawing === undefined
      ? there('figures', 'can be drawn')
      : missing('figures', drawing, 'npm ci installs what draws them'),
  ];
}
