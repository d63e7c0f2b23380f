import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import {
  type ProfileField,
  profileFields,
  profileSchema,
  readProfile,
} from '../../sim/workload/read-profile.ts';

const files = readdirSync('traces/profiles');
const fields = Object.keys(profileFields) as ProfileField[];
const value = (file: string): unknown => parse(readFileSync(`traces/profiles/${file}`, 'utf8'));
const profiles = files.map((file) => readProfile(value(file), file.replace('.yaml', '')));

describe('shipped function profiles', () => {
  it("are the paper's functions, as the experiment over all of them lists them", () => {
    const { workloads } = parse(readFileSync('experiments/functions.yaml', 'utf8'));
    assert.deepEqual(profiles.map((profile) => profile.name).sort(), workloads.toSorted());
  });

  for (const profile of profiles) {
    it(`${profile.name} gives a source or an assumption for every number, never both`, () => {
      for (const field of fields) {
        assert.equal(
          Number(field in profile.sources) + Number(field in profile.assumed),
          1,
          `${profile.name}.${field}`,
        );
      }
      assert.match(profile.source, /CC BY 4\.0/);
    });

    it(`${profile.name} assumes values within the range it gives`, () => {
      for (const [field, { range }] of Object.entries(profile.assumed)) {
        const assumed = profile[field as ProfileField];
        assert.ok(range !== undefined && range[0] <= assumed && assumed <= range[1], field);
      }
    });
  }

  it('know the accessed share of six functions and assume it for the other four', () => {
    assert.deepEqual(
      profiles
        .filter((profile) => 'accessed_share' in profile.assumed)
        .map((profile) => profile.name)
        .sort(),
      ['chameleon', 'cnn', 'html', 'rnn'],
    );
  });

  it('assume the same accessed share where it is unknown: the median of the known', () => {
    const known = profiles
      .filter((profile) => 'accessed_share' in profile.sources)
      .map((profile) => profile.accessed_share)
      .sort((a, b) => a - b);
    const median = Number(((known[2]! + known[3]!) / 2).toFixed(3));
    for (const profile of profiles.filter((each) => 'accessed_share' in each.assumed)) {
      assert.equal(profile.accessed_share, median);
      assert.deepEqual(profile.assumed['accessed_share']!.range, [known[0], known.at(-1)]);
    }
  });

  it('have no name of their own: a file is a plug-in', () => {
    for (const file of files) {
      assert.equal(
        profileSchema.safeParse({ ...(value(file) as object), name: 'x' }).success,
        false,
      );
    }
  });
});
