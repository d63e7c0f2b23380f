/** Failures that an experiment asks for and that could not come. */

import type { Trial } from '../../backend.ts';
import type { Values } from '../../parameters.ts';
import type { serviceParameters } from './parameters.ts';
import { lengthOf } from './requests.ts';

type Settings = Pick<Values<typeof serviceParameters>, 'fails' | 'failing_node' | 'fails_at_s'>;

/** Why what should fail does not, or `undefined`. */
export function failureRefusal(
  { fails, failing_node, fails_at_s }: Settings,
  { fabric, service }: Pick<Trial, 'fabric' | 'service'>,
): string | undefined {
  if (fails === 'nothing') return undefined;
  if (fails === 'node' && failing_node >= fabric.nodes) {
    return `parameters.service.failing_node is ${failing_node}, and there are ${fabric.nodes} nodes; expected one from 0 to ${fabric.nodes - 1}`;
  }
  const length_s = lengthOf(service!);
  if (fails_at_s < length_s) return undefined;
  return `parameters.service.fails_at_s is ${fails_at_s}, and requests come for ${length_s} s; expected less`;
}
