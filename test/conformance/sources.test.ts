/** Every parameter has a unit, a range and a source, and so has each file of a language model and of a GPU. */

import assert from 'node:assert/strict';
import { modelParameters } from '../../sim/plugins.ts';
import { gpus } from '../../sim/workload/llm/gpus.ts';
import { languageModels } from '../../sim/workload/llm/models.ts';

/** A source says who published or measured a value, or that it is a choice of ours or inferred, and from what. */
const least_source = 10;

describe('parameters of plug-ins', () => {
  for (const [plugin, parameters] of modelParameters) {
    for (const [name, parameter] of Object.entries(parameters)) {
      it(`${plugin}.${name} has a source, a unit, and a default within its range`, () => {
        const { source, description, unit, default: initial, minimum, maximum } = parameter;
        assert.ok(source.length > least_source, `its source is "${source}"`);
        assert.ok(description.length > least_source && unit !== '');
        assert.doesNotMatch(source, /placeholder/i);
        if (typeof initial === 'number') {
          assert.ok(minimum !== undefined && initial >= minimum, `${initial} and ${minimum}`);
          assert.ok(maximum === undefined || initial <= maximum, `${initial} and ${maximum}`);
        } else if (parameter.choices) assert.ok(parameter.choices.includes(initial));
      });
    }
  }
});

describe('language models', () => {
  for (const [name, model] of Object.entries(languageModels)) {
    it(`${name} has sizes that fit each other, and a source`, () => {
      const { source, name: own, tied_embeddings: _, ...sizes } = model;
      assert.equal(own, name);
      assert.match(source, /^config\.json of \S+\/\S+$/);
      for (const [key, size] of Object.entries(sizes)) {
        assert.ok(Number.isInteger(size) && size > 0, `${key} is ${size}`);
      }
      // Heads make up the width, and each has its share of keys and values.
      assert.equal(model.heads * model.head_width, model.width);
      assert.equal(model.heads % model.kv_heads, 0);
      assert.ok(model.feed_forward_width > model.width);
    });
  }
});

describe('GPUs', () => {
  for (const [name, gpu] of Object.entries(gpus)) {
    it(`${name} has a source for its memory, its products and its link`, () => {
      const { source, name: own, ...sizes } = gpu;
      assert.equal(own, name);
      assert.match(source, /data sheet|architecture paper/);
      assert.match(source, /link: PCIe \d\.0 x16, \d+ GB\/s each way/);
      assert.equal(Number(/ (\d+) GB\/s/.exec(source)![1]), gpu.link_gb_per_s);
      for (const [key, size] of Object.entries(sizes)) assert.ok(size > 0, `${key} is ${size}`);
    });
  }
});
