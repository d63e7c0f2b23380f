/** A command line that says nothing we can do: `what; right`. */

export class UsageError extends Error {
  override readonly name = 'UsageError';
}
