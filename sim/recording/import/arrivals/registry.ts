/** Published traces of arrivals that can be imported. */

import { Azure2019Invocations } from '../../../workload/arrivals/azure-2019.ts';
import { azure_2021_columns } from '../../../workload/arrivals/azure-2021.ts';
import { recognisesAppConfigurations } from '../../../workload/arrivals/ibm-app-configs.ts';
import { hasColumns } from '../../../workload/arrivals/table.ts';
import type { ArrivalsImporter } from '../arrivals.ts';
import { azure2019 } from './azure-2019.ts';
import { azure2021 } from './azure-2021.ts';
import { ibmAppConfigs } from './ibm-app-configs.ts';

export const arrivalsImporters: Readonly<Record<string, ArrivalsImporter>> = {
  'azure-2019': {
    describe: 'Azure Functions 2019: invocations of each function in each minute',
    has_tables: true,
    recognises: Azure2019Invocations.recognises,
    import: azure2019,
  },
  'azure-2021': {
    describe: 'Azure Functions 2021: every invocation with its end and duration',
    has_tables: false,
    recognises: (head) => hasColumns(head, azure_2021_columns),
    import: azure2021,
  },
  'ibm-app-configs': {
    describe: 'IBM Cloud Code Engine: what each app asks for; no arrivals',
    has_tables: false,
    recognises: recognisesAppConfigurations,
    import: ibmAppConfigs,
  },
};
