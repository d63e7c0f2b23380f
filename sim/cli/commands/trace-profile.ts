import { defineCommand, once, single } from '../command.ts';

export const traceProfile = defineCommand({
  usage: 'trace profile <file>',
  describe: 'reduce a trace to a function profile, whose fields experiments can vary',
  options: {
    file: { type: 'string', demandOption: true, describe: 'trace (.cxltrace)' },
    output: { ...once, describe: 'YAML file to write [standard output]' },
  },
  complaint: {
    missing: 'no trace; cxlsim trace profile FILE.cxltrace would be right',
    excess: 'one FILE would be right',
  },
  examples: [
    ['$0 trace profile mine.cxltrace --output mine.yaml', 'workloads: [./mine.yaml] then'],
  ],
  epilogue:
    'How near profile and trace come is in docs/model.md.\n' +
    'Exit codes: 0 written, 2 bad input or usage.',
  command(typed) {
    const output = single('output', typed.output);
    return async () => (await import('../trace-profile.ts')).traceProfile(typed.file, output);
  },
});
