/** Make-room: hybrid, whose ticks give clean copies back where memory is short, and fetch used pages where it is not. */

import { definePolicy } from 'cxlsim/policy';

export default definePolicy({
  description:
    'hybrid; between invocations, clean local copies go where memory is short, used pages come where it is plenty',
  parameters: {
    short_above: {
      default: 0.9,
      unit: 'share',
      minimum: 0,
      maximum: 1,
      description: 'share of the node’s local memory in use above which it is short',
      source: 'assumed: no published watermark for a node of serverless functions',
    },
  },
  place(page) {
    if (page.dirty) return 'migrate-now';
    return page.accessed || page.hot ? 'migrate-on-access' : 'migrate-on-write';
  },
  tick({ pages, local_memory_used }, budget_pages, { short_above }) {
    const short = local_memory_used > short_above;
    const moved = [...pages].filter((page) =>
      short ? page.clean : !page.local && page.accessed_count > 0,
    );
    // The coldest copies go first, and the hottest pages come first.
    const sign = short ? 1 : -1;
    moved.sort((a, b) => sign * (a.accessed_count - b.accessed_count) || a.index - b.index);
    const indices = moved.slice(0, budget_pages).map((page) => page.index);
    return short ? { promote: [], demote: indices } : { promote: indices, demote: [] };
  },
});
