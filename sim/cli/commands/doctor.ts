import { defineCommand } from '../command.ts';

export const doctor = defineCommand({
  usage: 'doctor',
  describe: 'examine this machine: what is there, what is missing, what to do next',
  options: {
    measure: { type: 'boolean', describe: 'also measure memory; takes some seconds a node' },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: { excess: 'none would be right' },
  epilogue: 'Needs no rights and changes nothing. Exit code 0, whatever it finds.',
  command: (typed) => async () =>
    (await import('../doctor.ts')).doctor({
      json: typed.json === true,
      measure: typed.measure === true,
    }),
});
