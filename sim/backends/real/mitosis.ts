/** Mitosis on real kernels: the module's image stands in for the parent, from which pages are fetched. */

import model, { parameters } from '../../mechanisms/mitosis.ts';
import { valuesOf } from '../../parameters.ts';
import { attach, of_a_child } from './attach.ts';
import type { RealMechanism } from './real-mechanism.ts';

export const mitosis: RealMechanism = {
  claims: of_a_child,
  /** The module has one way of prefetching; another one's counts would be no answer. */
  refuses({ parameters: set }) {
    const { prefetch_pages, prefetched } = valuesOf(parameters, set['mitosis']);
    if (prefetch_pages === 0 || prefetched === 'mapped') return undefined;
    return 'the module maps prefetched pages at once; parameters.mitosis.prefetched: mapped would run, or prefetch_pages: 0';
  },
  prepare(cluster, warm, trial) {
    const { prefetch_pages } = valuesOf(parameters, trial.parameters['mitosis']);
    const window = `--prefetch-pages ${prefetch_pages + 1}`;
    // The module's image stands in for the parent, which Mitosis leaves where it is.
    const inapplicable = [...model.inapplicable, 'checkpoint_ms', 'cxl_memory_mb'];
    const words = `--placement migrate-on-access ${window}`;
    return (node) => attach(cluster, warm, words, inapplicable, node);
  },
};
