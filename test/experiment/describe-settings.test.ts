/** Laws of the list of settings: it is what experiments may set, and says of each what loading would say. */

import assert from 'node:assert/strict';
import { describeSettings } from '../../sim/experiment/describe-settings.ts';
import { installedParameters } from '../../sim/experiment/installed-schema.ts';
import { loadExperiment } from '../../sim/experiment/load.ts';
import { settingsOf } from '../../sim/experiment/settings.ts';
import { complaint, fileOf, sound } from './sound-experiment.ts';

describe('the list of settings', () => {
  let all: ReturnType<typeof describeSettings>;
  before(async () => {
    all = describeSettings(await installedParameters());
  });

  it('names every setting there is, once, and says all of each', async () => {
    const settings = [...settingsOf(await installedParameters()).values()];
    const paths = settings.filter(({ unread }) => !unread).map(({ path }) => path);
    const own = [
      ...['scenario', 'invocations', 'repetitions', 'seed'],
      ...['fabric.preset', 'children.starts_ms'],
    ];
    assert.deepEqual(
      all.map(({ path }) => path),
      [...own, ...paths.filter((path) => !path.startsWith('parameters.fake.'))],
    );
    for (const { path, allowed, description } of all) {
      for (const text of [allowed, description]) assert.notEqual(text, '', path);
      assert.doesNotMatch(allowed, /missing|expected|Invalid/);
    }
  });

  it('has a unit wherever the name ends in one', () => {
    const unitless = all.filter(
      ({ path, unit }) => /_(ns|ms|mb|gb_per_s|share)$/.test(path) && unit === '',
    );
    assert.deepEqual(unitless, []);
  });

  it('says what loading says of a value that is none', async () => {
    for (const path of [
      'fabric.cxl.latency_ns',
      'fabric.nodes',
      'invocations',
      'repetitions',
      'seed',
      'workload.warm_ms',
      'fabric.coherence',
    ]) {
      const { allowed } = all.find((each) => each.path === path)!;
      const told = await complaint(fileOf(sound), { set: [`${path}=nonsense`] });
      assert.ok(told.includes(allowed), `${told} | ${allowed}`);
    }
  });

  it('has defaults that may be set', async () => {
    const numbers = all.filter(({ path }) => /^parameters\.(kernel|cxlfork)\./.test(path));
    assert.ok(numbers.length > 3);
    const set = numbers.map(({ path, default: initial }) => `${path}=${initial}`);
    assert.equal((await loadExperiment(fileOf(sound), { set })).name, 'x');
  });
});
