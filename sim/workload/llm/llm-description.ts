/** What the YAML of an engine's workload says about it; requests and measured layers stand in files beside. */

import * as z from 'zod/mini';
import { complain } from '../../input/complaint.ts';
import { expected } from '../../input/expected.ts';
import { missing_rows } from '../arrivals/read-rates.ts';
import { text } from '../read-profile.ts';

const scalar = z.union([z.number(), z.boolean(), z.string()]);
const share = z.number().check(z.minimum(0), z.maximum(1));

const profileSchema = z.strictObject({
  gpu: text,
  model: text,
  source: text.check(z.describe('who measured it, and its licence')),
  dense: text.check(z.describe('times of layers by tokens, relative to this file')),
  per_sequence: text.check(z.describe('times of layers by sequences')),
  attention: text.check(z.describe('times of attention by prompts and contexts')),
  longest_context_share: z.optional(share),
});

const ratesSchema = z.strictObject({
  file: text.check(z.describe('requests a second over time (ServeGen), relative to this file')),
  missing_rows: z._default(z.enum(missing_rows), 'refused'),
  lengths: text.check(
    z.describe('a trace of requests, from which lengths are drawn, relative to this file'),
  ),
});

export const llmSchema = z
  .strictObject({
    kind: z.literal('llm'),
    description: text,
    source: text.check(z.describe('where the requests come from, and their licence')),
    caveat: z.optional(text),
    requests: z.optional(text.check(z.describe('a trace of requests, relative to this file'))),
    agents: z.optional(
      z.literal(true).check(z.describe('agents make the requests: parameters.agents')),
    ),
    rates: z.optional(ratesSchema),
    profile: z.optional(profileSchema),
    parameters: z._default(
      z
        .record(z.string(), z.record(z.string(), scalar))
        .check(z.describe('parameters by plug-in, where an experiment sets none')),
      {},
    ),
  })
  .check(({ value: { requests, agents, rates }, issues }) => {
    const given = [requests, agents, rates].filter((each) => each !== undefined).length;
    if (given === 1) return;
    const what = given === 0 ? 'names no requests' : 'names requests in several ways';
    issues.push(
      complain(
        requests,
        what,
        expected('one of requests: a file, agents: true, or rates: a file and lengths'),
        ['kind'],
      ),
    );
  });
