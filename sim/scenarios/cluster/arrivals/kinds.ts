/** Kinds of arrivals by the names that files give them. */

import type { ArrivalKind } from './kind.ts';
import { common_bursts } from './processes/common-bursts.ts';
import { diurnal } from './processes/diurnal.ts';
import { spikes } from './processes/spikes.ts';
import { azure_2019, azure_2021, rates, table } from './recordings.ts';

export const arrivalKinds = {
  'azure-2019': azure_2019,
  'azure-2021': azure_2021,
  diurnal,
  'common-bursts': common_bursts,
  rates,
  spikes,
  table,
} as unknown as Readonly<Record<string, ArrivalKind>>;
