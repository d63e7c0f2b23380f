/** Whatever a file says, or a stranger's code returned or threw, as a message quotes it: one short line, and never an error. */

/** Characters of somebody else's text that one message repeats. */
const most_characters = 200;

/** The text's first line, cut where it is long. */
export function shortened(text: string, most = most_characters): string {
  // Cut first: a search for the line's end might go through all of a very long text.
  const begin = text.slice(0, most + 1).split(/[\r\n\u2028\u2029]/, 1)[0]!;
  return begin.length > most ? `${begin.slice(0, most)}…` : begin;
}

/** Characters of a value that a message repeats. */
const most_of_value = 60;

/** A value that should have been another. */
export function quoted(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quotedText(value);
    case 'undefined':
      return 'nothing';
    case 'function':
      return 'a function';
    case 'bigint':
      return shortened(`${value}n`, most_of_value);
    case 'symbol':
      return shortened(String(value), most_of_value);
    case 'object':
      return value === null ? 'null' : kindOf(value);
    default:
      return String(value);
  }
}

/** The same in the words of YAML. */
export function quotedInYaml(value: unknown): string {
  const is_mapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  return is_mapping ? 'a mapping' : quoted(value);
}

function quotedText(text: string): string {
  const shown = text.length > most_of_value ? `${text.slice(0, most_of_value)}…` : text;
  return JSON.stringify(shown).replace(/[\p{Cc}\u2028\u2029]/gu, '\ufffd');
}

/** What an object is, for as long as it lets itself be asked. */
function kindOf(value: object): string {
  try {
    if (Array.isArray(value)) return 'a list';
    if (value instanceof Map) return 'a Map';
    if (value instanceof Set) return 'a Set';
    if (value instanceof Error) return 'an error';
    if (typeof fieldOf(value, 'then') === 'function') return 'a promise';
  } catch {
    // A proxy may throw at any question.
  }
  return 'an object';
}

/** What was thrown: an error's message where it has one, else the value. */
export function thrownLine(thrown: unknown): string {
  const message = messageOf(thrown);
  return message === undefined ? quoted(thrown) : shortened(message);
}

/** The message of an error of any realm; a getter of the thrower's own may throw in its turn. */
function messageOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const message = fieldOf(thrown, 'message');
  return typeof message === 'string' && message !== '' ? message : undefined;
}

/** A field of something thrown; nothing if it cannot be read. */
export function fieldOf(thrown: unknown, key: string): unknown {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  try {
    return (thrown as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** `instanceof` for something thrown; a proxy may throw at the question. */
export function isA<T>(thrown: unknown, kind: abstract new (...given: never[]) => T): thrown is T {
  try {
    return thrown instanceof kind;
  } catch {
    return false;
  }
}
