/** Checks functions' profiles with what an experiment sets or varies of them. */

import type { Scalar } from '../backend.ts';
import { complaintOf, judge } from '../input/complaint.ts';
import type { YamlDocument } from '../input/document.ts';
import { InputError } from '../input/input-error.ts';
import { profileSchema } from '../workload/read-profile.ts';
import type { FunctionProfile } from '../workload/workload.ts';
import { sweptPoints } from './expand.ts';
import type { Experiment } from './experiment.ts';
import { pathOf } from './path-of-setting.ts';
import { withField } from './with-setting.ts';

/** The fields of a profile constrain one another, also those that the experiment chose. */
export function checkProfiles(experiment: Experiment, document: YamlDocument): void {
  const fields = ({ path }: { path: string }) => path.startsWith('workload.');
  const sweep = experiment.sweep.filter(fields);
  const corners = experiment.ranges
    .filter(fields)
    .map(({ path, low, high }) => ({ path, values: [low, high] }));
  const chosen = Object.keys(experiment.file.workload);
  if (sweep.length + corners.length + chosen.length === 0) return;
  for (const point of sweptPoints({ sweep: [...sweep, ...corners], combinations: 'all' })) {
    for (const workload of experiment.workloads) {
      checkProfile(workload as FunctionProfile, point, (field) =>
        document.where(pathOf(`workload.${field}`, experiment), 'key'),
      );
    }
  }
}

function checkProfile(
  workload: FunctionProfile,
  point: Readonly<Record<string, Scalar>>,
  where: (field: string) => string,
): void {
  const fields = Object.entries(point).map(
    ([path, value]) => [path.split('.')[1]!, value] as const,
  );
  const { name, ...profile } = fields.reduce(
    (held, [field, value]) => withField(held, field, value) as FunctionProfile,
    workload,
  );
  const issue = judge(profileSchema, profile).error?.issues[0];
  if (issue === undefined) return;
  const field = String(issue.path[0]);
  const { what, expected: right } = complaintOf(issue);
  const values = fields.map(([each, value]) => `${each} = ${value}`);
  const given = values.length === 0 ? '' : ` with ${values.join(' and ')}`;
  const subject = what.startsWith(field) ? what : `${field} ${what}`;
  throw new InputError(
    where(fields[0]?.[0] ?? Object.keys(workload.sources).find((key) => key === field) ?? field),
    `workload ${name}${given}: ${subject}`,
    right,
  );
}
