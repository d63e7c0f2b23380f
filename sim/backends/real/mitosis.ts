/** Mitosis on real kernels: the module's checkpoint stands in for the parent, from which pages are fetched. */

import model, { parameters } from '../../mechanisms/mitosis.ts';
import { valuesOf } from '../../parameters.ts';
import { attach, of_a_child } from './attach.ts';
import type { RealMechanism } from './real-mechanism.ts';

export const mitosis: RealMechanism = {
  claims: of_a_child,
  /** The module has one way of prefetching; another one's counts would be no answer. */
  refuses({ parameters: set }) {
    const { window_pages, prefetched } = valuesOf(parameters, set['mitosis']);
    if (window_pages === 1 || prefetched === 'mapped') return undefined;
    return 'the module maps prefetched pages at once; parameters.mitosis.prefetched: mapped would run, or window_pages: 1';
  },
  prepare(cluster, warm, trial) {
    const { window_pages } = valuesOf(parameters, trial.parameters['mitosis']);
    // The module's checkpoint stands in for the parent, which Mitosis leaves where it is.
    const inapplicable = [...model.inapplicable, 'checkpoint_ms', 'cxl_memory_mb'];
    const words = `--placement migrate-on-access --window-pages ${window_pages}`;
    return (node) => attach(cluster, warm, words, inapplicable, node);
  },
};
