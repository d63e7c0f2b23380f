/** The commands and their options: what may be typed, and what it means. */

import yargs, { type Argv, type Options } from 'yargs';
import { proposal } from '../experiment/nearest.ts';
import { type ListSubject, listSubjects } from './list-subjects.ts';
import type { RunOptions } from './run.ts';
import { UsageError } from './usage-error.ts';

/** A parsed command; resolves to the exit code. */
export type Command = () => Promise<number>;

const once = { type: 'string', requiresArg: true } as const satisfies Options;
const often = { type: 'string', array: true, nargs: 1 } as const satisfies Options;

/** What replaces an experiment's own lists and settings; `run` and `check` take the same. */
const overrides = {
  set: { ...often, describe: 'setting as path=value, e.g. fabric.cxl.latency_ns=200' },
  policy: { ...often, describe: 'policy by name or file, e.g. ./mine.ts' },
  mechanism: { ...often, describe: 'mechanism by name' },
  workload: { ...often, describe: 'workload by name or YAML file' },
  backend: { ...often, describe: 'backend by name' },
  seed: { ...once, describe: 'seed of everything random' },
  repetitions: { ...once, describe: 'trials of each point, each with another seed' },
} as const satisfies Record<string, Options>;

const run_options = {
  out: { ...once, describe: 'folder of the results [results/EXPERIMENT beside the file]' },
  jobs: { ...once, describe: 'trials that run at the same time [1]' },
  json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
} as const satisfies Record<string, Options>;

const list_options = {
  markdown: { type: 'boolean', describe: 'print Markdown tables' },
  json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
} as const satisfies Record<string, Options>;

const commands = {
  run: { ...overrides, ...run_options },
  check: { ...overrides, json: list_options.json },
  list: list_options,
  schema: {},
} as const;

/** The command that `words` name; `undefined` if help or the version was asked for and printed. */
export async function commandOf(words: readonly string[]): Promise<Command | undefined> {
  let command: Command | undefined;
  const parser = parserOf((chosen) => {
    command = chosen;
  });
  const name = words.find((word) => !word.startsWith('-'));
  if (words.length === 0) {
    process.stderr.write(`${await parser.getHelp()}\n`);
    throw new UsageError('no command; cxlsim run FILE would be right');
  }
  await parser.parseAsync([...words], {}, (error, _argv, output) => {
    if (error) throw usageError(error.message, name, words);
    if (output !== '') process.stdout.write(`${output}\n`);
  });
  return command;
}

function parserOf(choose: (command: Command) => void): Argv {
  const file = { type: 'string', demandOption: true, describe: 'experiment file (YAML)' } as const;
  return yargs()
    .scriptName('cxlsim')
    .usage('$0 COMMAND\n\nWhat does remote fork over CXL cost, by which mechanism and policy?')
    .locale('en')
    .exitProcess(false)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': true,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .command(
      'run <file>',
      'run an experiment: a table, measurements and figures',
      (builder) =>
        builder
          .positional('file', file)
          .options(commands.run)
          .example('$0 run experiments/bert.yaml', 'the comparison for BERT')
          .example('$0 run experiments/bert.yaml --policy ./mine.ts', 'under your own policy')
          .epilogue(
            'Options replace what the file says. Stopped runs continue where they were.\n' +
              'Exit codes: 0 done, 1 a trial failed, 2 bad input or usage, 130 interrupted.',
          ),
      (typed) => {
        const options: RunOptions = {
          file: typed.file,
          overrides: overridesOf(typed),
          out: single('out', typed.out),
          jobs: jobsOf(single('jobs', typed.jobs)),
          json: typed.json === true,
        };
        choose(async () => (await import('./run.ts')).run(options));
      },
    )
    .command(
      'check <file>',
      'check an experiment without running it, and count its trials',
      (builder) => builder.positional('file', file).options(commands.check),
      (typed) => {
        const options = {
          file: typed.file,
          overrides: overridesOf(typed),
          json: typed.json === true,
        };
        choose(async () => (await import('./check.ts')).check(options));
      },
    )
    .command(
      'list [subject]',
      'list what there is to experiment with',
      (builder) =>
        builder
          .positional('subject', { type: 'string', describe: listSubjects.join(', ') })
          .options(commands.list),
      (typed) => {
        const subject = subjectOf(typed.subject);
        const form = typed.json === true ? 'json' : typed.markdown === true ? 'markdown' : 'text';
        choose(async () => (await import('./list.ts')).list(subject, form));
      },
    )
    .command('schema', 'print the JSON Schema of experiment files, for editors', {}, () => {
      choose(async () => (await import('./schema.ts')).schema());
    })
    .demandCommand(1, 1)
    .strict()
    .recommendCommands()
    .help()
    .wrap(Math.min(100, process.stdout.columns ?? 100));
}

/** Options that are given once and come twice are a slip, not a choice. */
function single(name: string, value: string | string[] | undefined): string | undefined {
  if (!Array.isArray(value)) return value;
  throw new UsageError(`--${name} is given ${value.length} times; once would be right`);
}

function overridesOf(
  typed: {
    [key in keyof typeof overrides]?: string | string[] | undefined;
  },
) {
  const list = (value: string | string[]) => [value].flat();
  return {
    ...(typed.set && { set: list(typed.set) }),
    ...(typed.backend && { backends: list(typed.backend) }),
    ...(typed.mechanism && { mechanisms: list(typed.mechanism) }),
    ...(typed.policy && { policies: list(typed.policy) }),
    ...(typed.workload && { workloads: list(typed.workload) }),
    ...(typed.seed !== undefined && { seed: single('seed', typed.seed)! }),
    ...(typed.repetitions !== undefined && {
      repetitions: single('repetitions', typed.repetitions)!,
    }),
  };
}

function jobsOf(text: string | undefined): number {
  const jobs = Number(text ?? 1);
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= 1024) return jobs;
  throw new UsageError(`--jobs is ${text}; a whole number from 1 to 1024 would be right`);
}

function subjectOf(subject: string | undefined): ListSubject | undefined {
  if (subject === undefined || listSubjects.includes(subject as ListSubject)) {
    return subject as ListSubject | undefined;
  }
  throw new UsageError(`list: no subject ${subject}; ${proposal(subject, listSubjects)}`);
}

/** The parser's complaint in our words. */
function usageError(
  message: string,
  name: string | undefined,
  words: readonly string[],
): UsageError {
  const known = Object.hasOwn(commands, name ?? '') ? (name as keyof typeof commands) : undefined;
  const unknown = /^Unknown arguments?: ([^,]+)/.exec(message)?.[1];
  if (unknown !== undefined) {
    if (known === undefined) {
      return new UsageError(`no command ${unknown}; ${proposal(unknown, Object.keys(commands))}`);
    }
    if (words.includes(unknown)) {
      const right = known === 'list' ? 'one subject' : known === 'schema' ? 'none' : 'one FILE';
      return new UsageError(`${known}: one argument too many: ${unknown}; ${right} would be right`);
    }
    const options = [...Object.keys(commands[known]), 'help'];
    const option = unknown.length === 1 ? `-${unknown}` : `--${unknown}`;
    const right = proposal(unknown, options).replace(/(?<= )([a-z]+)(?=[?,]|$)/g, '--$1');
    return new UsageError(`${known}: no option ${option}; ${right}`);
  }
  if (message.startsWith('Not enough non-option') && known !== undefined) {
    return new UsageError(`${known}: no experiment file; cxlsim ${known} FILE would be right`);
  }
  const lower = message.charAt(0).toLowerCase() + message.slice(1);
  return new UsageError(`${lower.trim().split('\n', 1)[0]}; see cxlsim ${known ?? ''} --help`);
}
