import { proposal } from '../../input/nearest.ts';
import { defineCommand } from '../command.ts';
import { type ListSubject, listSubjects } from '../list-subjects.ts';
import { UsageError } from '../usage-error.ts';

export const list = defineCommand({
  usage: 'list [subject]',
  describe: 'list what there is to experiment with',
  options: {
    subject: { type: 'string', describe: listSubjects.join(', ') },
    markdown: { type: 'boolean', describe: 'print Markdown tables' },
    json: { type: 'boolean', describe: 'print one JSON object, nothing else' },
  },
  complaint: { excess: 'one subject would be right' },
  command(typed) {
    const subject = subjectOf(typed.subject);
    const form = typed.json === true ? 'json' : typed.markdown === true ? 'markdown' : 'text';
    return async () => (await import('../list.ts')).list(subject, form);
  },
});

function subjectOf(subject: string | undefined): ListSubject | undefined {
  if (subject === undefined || listSubjects.includes(subject as ListSubject)) {
    return subject as ListSubject | undefined;
  }
  throw new UsageError(`list: no subject ${subject}; ${proposal(subject, listSubjects)}`);
}
