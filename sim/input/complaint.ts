/** What a schema finds wrong with a value, as an input error tells it: in two fields. */

import * as z from 'zod/mini';
import { expected } from './expected.ts';
import { renamed } from './former-names.ts';
import { quotedInYaml } from './quoted.ts';

export interface Complaint {
  readonly what: string;
  readonly expected: string;
}

/** What `schema` makes of `value`. Messages of issues say what was expected; what is wrong, `complaintOf` tells. */
export function judge<S extends z.core.$ZodType>(schema: S, value: unknown) {
  return z.safeParse(schema, value, { reportInput: true, error: expectedBy });
}

/** The complaint in an issue of `judge`, without its path. */
export function complaintOf(issue: z.core.$ZodIssue): Complaint {
  return { what: whatOf(issue), expected: issue.message };
}

/** An issue of a schema's own check, which tells itself what is wrong. */
export function complain(
  input: unknown,
  what: string,
  expected: string,
  path: PropertyKey[] = [],
): z.core.$ZodRawIssue<z.core.$ZodIssueCustom> {
  return { code: 'custom', path, input, message: expected, params: { what } };
}

/** A check of a schema: where a value is not as it must be, it says in its own words what is wrong. */
export function mustBe<T>(
  holds: (value: T) => boolean,
  what: string | ((value: T) => string),
  expected: string,
): (payload: z.core.ParsePayload<T>) => void {
  return ({ value, issues }) => {
    if (holds(value)) return;
    issues.push(complain(value, typeof what === 'string' ? what : what(value), expected));
  };
}

function whatOf(issue: z.core.$ZodIssue): string {
  const { code, input } = issue;
  const told: unknown = code === 'custom' ? issue.params?.['what'] : undefined;
  if (typeof told === 'string') return told;
  if (code === 'unrecognized_keys') return `${issue.keys[0]} is not a key`;
  if (input === undefined) return 'is missing';
  if (code === 'too_small' && issue.minimum === 1 && Array.isArray(input)) return 'is empty';
  // YAML takes 6.12 for a number, whose words would be those of the text "6.12".
  const is_unquoted =
    code === 'invalid_value' && typeof input === 'number' && issue.values.includes(String(input));
  return is_unquoted ? `is the number ${input}` : `is ${quotedInYaml(input)}`;
}

const counted: Readonly<Record<string, string>> = { string: ' characters', array: ' items' };

/** What was expected, where a schema has no words of its own. */
function expectedBy(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return expected(issue.expected);
    case 'too_small':
      return expected(`at least ${issue.minimum}${counted[issue.origin] ?? ''}`);
    case 'too_big':
      return expected(`at most ${issue.maximum}${counted[issue.origin] ?? ''}`);
    case 'invalid_value': {
      const now = renamed(`${issue.input}`, issue.values.map(String));
      if (now !== undefined) return `did you mean ${now}?`;
      return expected(issue.values.map(quotedInYaml).join(' or '));
    }
    default:
      return undefined;
  }
}
