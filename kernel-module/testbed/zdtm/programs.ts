/** Which of ZDTM's programs are run: those that CRIU's own harness runs by itself outside namespaces. */

/** A `.desc` file beside a program, as far as the choice depends on it. */
export interface Description {
  /** `h` on the host, `ns` and `uns` in namespaces that the harness makes. */
  readonly flavors: readonly string[];
  readonly flags: readonly string[];
  readonly architectures: readonly string[] | undefined;
}

/** Those words of Python's dictionary that matter; a program without a description has none. */
export function readDescription(text: string): Description {
  const words = (key: string) => {
    const value = new RegExp(`['"]${key}['"]\\s*:\\s*(['"])(.*?)\\1`).exec(text)?.[2];
    return value?.trim().split(/\s+/);
  };
  return {
    flavors: words('flavor') ?? ['h', 'ns', 'uns'],
    flags: words('flags') ?? [],
    architectures: words('arch'),
  };
}

/** Why a program is not run; undefined if it is. */
export function leftOut({ flavors, flags, architectures }: Description): string | undefined {
  if (architectures !== undefined && !architectures.includes('x86_64')) {
    return 'for another processor';
  }
  if (!flavors.includes('h')) return 'in namespaces only';
  if (flags.includes('noauto')) return 'not run by CRIU’s harness by itself';
  return undefined;
}

/** The programs of a Makefile’s lists, whatever the machine it is read on: TST_… and TST itself. */
export function listedPrograms(makefile: string): string[] {
  const names = new Set<string>();
  const lines = makefile.replace(/\\\n/g, ' ').split('\n');
  for (const line of lines) {
    const [, words] =
      /^\s*TST(?:_NOFILE|_FILE|_DIR|_DIR_FILE|_STATE)?\s*[+:]?=\s*([^#]*)/.exec(line) ?? [];
    for (const word of words?.trim().split(/\s+/) ?? []) {
      if (word !== '' && !word.startsWith('$')) names.add(word);
    }
  }
  return [...names].sort();
}

/** How the Makefile starts programs, by what `make -n PROGRAM.pid …` prints. */
export function startCommands(dryRun: string): Map<string, string> {
  const commands = new Map<string, string>();
  for (const [line, name] of dryRun.matchAll(/^\.\/(\S+) --pidfile=.*$/gm)) {
    commands.set(name!, line);
  }
  return commands;
}
