/** What `cxlsim list` can list, in the order it lists them. */

export const listSubjects = [
  'experiments',
  'mechanisms',
  'policies',
  'workloads',
  'fabrics',
  'backends',
  'metrics',
  'figures',
  'parameters',
  'settings',
] as const;

export type ListSubject = (typeof listSubjects)[number];
