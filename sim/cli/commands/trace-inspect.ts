import { defineCommand, once, single } from '../command.ts';

export const traceInspect = defineCommand({
  usage: 'trace inspect <file>',
  describe: 'what a trace says of its function: footprint, split, reuse; as pictures, too',
  options: {
    file: { type: 'string', demandOption: true, describe: 'trace (.cxltrace)' },
    figures: { ...once, describe: 'folder to draw into, as SVG and PNG' },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: {
    missing: 'no trace; cxlsim trace inspect FILE.cxltrace would be right',
    excess: 'one FILE would be right',
  },
  examples: [['$0 trace inspect mine.cxltrace --figures figures', 'numbers, and three pictures']],
  epilogue: 'Exit codes: 0 inspected, 2 bad input or usage.',
  command(typed) {
    const figures = single('figures', typed.figures);
    return async () => {
      const { traceInspect } = await import('../trace-inspect.ts');
      return traceInspect(typed.file, { figures, json: typed.json === true });
    };
  },
});
