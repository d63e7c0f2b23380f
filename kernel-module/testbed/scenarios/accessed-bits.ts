import assert from 'node:assert/strict';
import { control, deleteImage, restore } from '../rfork.ts';
import type { Scenario } from '../scenario.ts';
import { startWithImage, touch, verify } from '../served-program.ts';

const pages = 4096;
const arena = 0x500000000000;

interface Page {
  readonly address: number;
  readonly flags: number;
}

const accessedLive = 32;

const scenario: Scenario = {
  shows:
    'pages that a child on the other node reads through attached leaves are seen accessed by the node that made the checkpoint, page by page; cleared there, they are set again by the next child',
  hardware: { nodes: 2 },
  async run(testbed) {
    const { here, there, image } = await startWithImage(testbed, pages);
    const range = `--start ${arena} --end ${arena + pages * 4096}`;
    const accessed = async () =>
      (await control<Page[]>(here, `scan --checkpoint ${image} --pages ${range}`))
        .filter(({ flags }) => flags & accessedLive)
        .map(({ address }) => (address - arena) / 4096);
    assert.deepEqual(await accessed(), []);
    const counts: number[] = [];
    for (let round = 0; round < 2; round++) {
      const child = await restore(there, image);
      await touch(there, child);
      const seen = await accessed();
      // Reads come first, in one sweep; only writes make leaves local.
      assert.deepEqual(
        seen.filter((page) => page % 2 === 0).length,
        pages / 2,
        'every page that was read is marked',
      );
      counts.push(seen.length);
      await verify(there, child);
      await here.check(`/rfork/rforkctl scan --checkpoint ${image} --clear ${range}`);
      assert.deepEqual(await accessed(), []);
    }
    await deleteImage(here, image);
    return { first: counts[0]!, second: counts[1]! };
  },
};

export default scenario;
