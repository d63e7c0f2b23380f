import { defineCommand } from '../command.ts';
import { UsageError } from '../usage-error.ts';

export const init = defineCommand({
  usage: 'init [folder]',
  describe: 'write an experiment, a policy of your own, and a tsconfig.json to start from',
  options: {
    folder: { type: 'string', describe: 'where; it is made if it is missing [this folder]' },
  },
  complaint: { excess: 'one FOLDER would be right' },
  epilogue: 'Nothing that is there is overwritten. Exit codes: 0 written, 2 bad input or usage.',
  command(typed) {
    if (typed.folder === '') {
      throw new UsageError('init: the folder is empty; expected a name, or nothing');
    }
    const folder = typed.folder ?? '.';
    return async () => (await import('../init.ts')).init(folder);
  },
});
