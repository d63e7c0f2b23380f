import assert from 'node:assert/strict';
import { type MadeWith, madeWithNotes } from '../../sim/report/made-with.ts';
import type { LiveFunction, Recording } from '../../sim/workload/live-function.ts';

const versions = { interpreter: 'Python 3.11.2', 'C library': 'GLIBC 2.36', 'libz.so.1': 'aaaa' };
const made_on = 'Linux 6.1.0-57-amd64 in two virtual machines';

function recorded(about: MadeWith): LiveFunction {
  return { kind: 'live', name: 'json', caveat: '', recording: about as Recording } as LiveFunction;
}

describe('what counts were recorded with', () => {
  const known = { json: [{ made_on, versions }] };
  const said = (about: MadeWith) => madeWithNotes([recorded(about)], known);

  it('is told with every table of counts', () => {
    assert.deepEqual(said({ made_on, versions }), [
      `Recorded with ${made_on}, Python 3.11.2, GLIBC 2.36.`,
    ]);
    assert.deepEqual(
      madeWithNotes([{ ...recorded({ made_on, versions }), recording: undefined! }], known),
      [],
    );
  });

  it('is told to be other than documented where a kernel, an interpreter or a library is', () => {
    const other = (about: Partial<MadeWith>) => said({ made_on, versions, ...about })[1] ?? '';
    assert.match(
      other({ made_on: 'Linux 6.1.0-99-amd64 in two virtual machines' }),
      /: Linux 6\.1\.0-99-amd64\. /,
    );
    assert.match(
      other({ versions: { ...versions, interpreter: 'Python 3.13' } }),
      /: interpreter\. /,
    );
    assert.match(other({ versions: { ...versions, 'libz.so.1': 'bbbb' } }), /: libz\.so\.1\. /);
    assert.match(other({ versions: { ...versions, 'libnew.so': 'cccc' } }), /: libnew\.so\. /);
  });
});
