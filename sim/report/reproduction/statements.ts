/** What a paper claims in sentences, with the published numbers and the figures that each rests on. */

import { join } from 'node:path';
import { z } from 'zod';
import { conform } from '../../experiment/complaints.ts';
import { findName } from '../../experiment/find-name.ts';
import { installed, project_root } from '../../experiment/installed.ts';
import { demands, mapping } from '../../experiment/settings.ts';
import { readText } from '../../files/read-text.ts';
import { parseDocument } from '../../input/document.ts';

const kind = 'a file of statements';
const most_bytes = 2 ** 20;
const file = 'experiments/reproduction/claims.yaml';

const sentence = z.string(demands('a sentence')).trim().min(1, demands('a sentence'));
const list = z.array(sentence, demands('a list of names')).min(1, demands('a list of names'));

const schema = z.strictObject(
  {
    claims: z.record(
      z.string(),
      z.strictObject({ says: sentence, numbers: list, figures: list }, mapping),
      mapping,
    ),
  },
  mapping,
);

export interface Statement {
  readonly name: string;
  readonly says: string;
  /** Claims of experiments/published, `source/family`. */
  readonly numbers: readonly string[];
  /** Figures for print. */
  readonly figures: readonly string[];
}

export function readStatements(
  path = join(project_root, file),
  shown = file,
): ReadonlyMap<string, Statement> {
  const document = parseDocument(shown, readText(path, { kind, most_bytes, shown }), kind);
  const { claims } = conform(schema, document);
  return new Map(
    Object.entries(claims).map(([name, statement]) => {
      for (const [index, figure] of statement.figures.entries()) {
        const where = document.where(['claims', name, 'figures', index]);
        findName(figure, [...installed.print_figures.keys()], where, 'figure for print');
      }
      return [name, { name, ...statement }];
    }),
  );
}
