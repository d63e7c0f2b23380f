/** Kinds of arrivals by the names that files give them. */

import type { ArrivalKind } from './kind.ts';
import { diurnal } from './processes/diurnal.ts';
import { on_off } from './processes/on-off.ts';
import { spikes } from './processes/spikes.ts';
import { azure_2019, azure_2021, rates, table } from './recordings.ts';

export const arrivalKinds = {
  'azure-2019': azure_2019,
  'azure-2021': azure_2021,
  diurnal,
  'on-off': on_off,
  rates,
  spikes,
  table,
} as unknown as Readonly<Record<string, ArrivalKind>>;
