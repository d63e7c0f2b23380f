/** Finds the command that was typed, and says in our words what is wrong with a command line. */

import { readFileSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import { nearest, proposal } from '../input/nearest.ts';
import type { Command, CommandDefinition } from './command.ts';
import { commands, groups } from './commands/registry.ts';
import { UsageError } from './usage-error.ts';

/** The command that `words` name; `undefined` if help or the version was asked for and printed. */
export async function commandOf(typed: readonly string[]): Promise<Command | undefined> {
  let command: Command | undefined;
  // What follows `--` belongs to another program.
  const end = typed.includes('--') ? typed.indexOf('--') : typed.length;
  const own = typed.slice(0, end).map((word) => (word === '-h' ? '--help' : word));
  const words = [...own, ...typed.slice(end)];
  const definitions = await definitionsFor(words);
  const parser = parserOf(
    definitions,
    (chosen) => {
      command = chosen;
    },
    own.length === 0 || own.includes('--help') || own.at(-1) === 'help',
  );
  if (words.length === 0) {
    process.stderr.write(`${await parser.getHelp()}\n`);
    throw new UsageError('no command; expected cxlsim run FILE');
  }
  await parser.parseAsync([...words], {}, (error, _argv, output) => {
    if (error) throw usageError(error.message, own, definitions);
    if (output !== '') process.stdout.write(`${output}\n`);
  });
  return command;
}

/** The one that is typed; all of them, where help or a complaint may have to name others. */
async function definitionsFor(words: readonly string[]): Promise<readonly CommandDefinition[]> {
  const [first = '', second = ''] = words.filter((word) => !word.startsWith('-'));
  const typed = commands.get(first) ?? commands.get(`${first} ${second}`);
  const loads = typed === undefined ? [...commands.values()] : [typed];
  return Promise.all(loads.map((load) => load()));
}

function parserOf(
  definitions: readonly CommandDefinition[],
  choose: (command: Command) => void,
  help: boolean,
): Argv {
  let parser: Argv = yargs()
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
      'populate--': true,
    });
  const grouped = new Map<string, CommandDefinition[]>();
  for (const definition of definitions) {
    const [group, name] = wordsOf(definition);
    if (name === undefined) parser = added(parser, definition, definition.usage, choose);
    else grouped.set(group!, [...(grouped.get(group!) ?? []), definition]);
  }
  for (const [group, members] of grouped) {
    parser = parser.command(group, groups[group]!, (builder) =>
      members
        .reduce(
          (argv, member) => added(argv, member, member.usage.slice(group.length + 1), choose),
          builder as Argv,
        )
        .demandCommand(1, 1),
    );
  }
  return (
    parser
      .demandCommand(1, 1)
      .strict()
      .recommendCommands()
      .help()
      .version(version())
      // The parser composes its help for every command; breaking its lines takes longer than the rest.
      .wrap(help ? Math.min(100, process.stdout.columns ?? 100) : null)
  );
}

/** Not that of the folder in which the command is typed, which the parser would look for. */
function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}

function added(
  parser: Argv,
  definition: CommandDefinition,
  usage: string,
  choose: (command: Command) => void,
): Argv {
  const positional = new Set(argumentsOf(definition));
  return parser.command(
    usage,
    definition.describe,
    (builder) => {
      let argv: Argv = builder;
      for (const [name, option] of Object.entries(definition.options)) {
        argv = positional.has(name)
          ? argv.positional(name, option as Parameters<Argv['positional']>[1])
          : argv.option(name, option);
      }
      return argv.epilogue(`${examplesOf(definition)}${definition.epilogue ?? ''}`);
    },
    (typed) => choose(definition.command(typed, (typed['--'] as string[] | undefined) ?? [])),
  );
}

/** A line for each command, to be copied whole: the parser's own columns would break it. */
function examplesOf({ examples = [] }: CommandDefinition): string {
  if (examples.length === 0) return '';
  const lines = examples.map(([words, describe]) => `  ${words}\n      ${describe}`);
  return `Examples:\n${lines.join('\n')}\n\n`;
}

/** The words that name a command: `trace`, `inspect`. */
function wordsOf({ usage }: CommandDefinition): string[] {
  return usage.split(' ').filter((word) => /^[a-z]/.test(word));
}

function argumentsOf({ usage }: CommandDefinition): string[] {
  return [...usage.matchAll(/[<[]([a-z_]+)/g)].map(([, name]) => name!);
}

/** The parser's complaint in our words. */
function usageError(
  message: string,
  words: readonly string[],
  definitions: readonly CommandDefinition[],
): UsageError {
  const [first, second] = words.filter((word) => !word.startsWith('-'));
  const members = definitions.filter(
    (each) => wordsOf(each).length === 2 && wordsOf(each)[0] === first,
  );
  const known = definitions.find((each) => {
    const [name, member] = wordsOf(each);
    return name === first && (member === undefined || member === second);
  });
  const unknown = /^Unknown arguments?: ([^,]+)/.exec(message)?.[1];
  if (known === undefined && members.length > 0) {
    const names = members.map((each) => wordsOf(each)[1]!);
    return second === undefined
      ? new UsageError(`${first}: no command; expected cxlsim ${first} ${names.join(' | ')}`)
      : new UsageError(`${first}: no command ${second}; ${proposal(second, names)}`);
  }
  if (known === undefined && first !== undefined) {
    const names = new Set([...commands.keys()].map((each) => each.split(' ', 1)[0]!));
    return new UsageError(`no command ${first}; ${proposal(first, [...names])}`);
  }
  if (known === undefined && unknown !== undefined) {
    const option = words.find((word) => word.startsWith('-')) ?? `--${unknown}`;
    const near = nearest(option.replace(/^-+/, ''), ['help', 'version']);
    const right = near === undefined ? 'expected cxlsim run FILE' : `did you mean --${near}?`;
    return new UsageError(`${option}: this is no command; ${right}`);
  }
  if (known !== undefined && unknown !== undefined) {
    const name = wordsOf(known).join(' ');
    if (words.includes(unknown)) {
      const { excess } = known.complaint;
      return new UsageError(`${name}: one argument too many: ${unknown}; ${excess}`);
    }
    const taken = argumentsOf(known);
    const options = Object.keys(known.options).filter((option) => !taken.includes(option));
    const option = unknown.length === 1 ? `-${unknown}` : `--${unknown}`;
    const right = proposal(unknown, [...options, 'help']).replace(
      /(?<= )([a-z][a-z-]*)(?=[?,]|$)/g,
      '--$1',
    );
    return new UsageError(`${name}: no option ${option}; ${right}`);
  }
  const name = known === undefined ? '' : wordsOf(known).join(' ');
  const empty = /^Not enough arguments following: (\S+)/.exec(message)?.[1];
  if (known !== undefined && empty !== undefined) {
    return new UsageError(`${name}: --${empty} has no value; see cxlsim ${name} --help`);
  }
  if (message.startsWith('Not enough non-option') && known?.complaint.missing !== undefined) {
    return new UsageError(`${name}: ${known.complaint.missing}`);
  }
  const lower = message.charAt(0).toLowerCase() + message.slice(1);
  return new UsageError(`${lower.trim().split('\n', 1)[0]}; see cxlsim ${name} --help`);
}
