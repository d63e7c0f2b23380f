/**
 * Records that their tools keep for themselves, and tables that they make of them, known by how they begin, and the
 * command that makes of them what is imported.
 */

import type { Complaint } from '../../input/complaint.ts';
import { InputError } from '../../input/input-error.ts';
import { fields } from './perf-line.ts';

interface ToolRecord {
  readonly what: string;
  /** A command that prints the text which is imported; `file` is a word of a shell. */
  readonly command: (file: string) => string;
  begins(bytes: Uint8Array, head: string): boolean;
}

const perf_text = (file: string, text: string) => `perf script -i ${file} -F ${fields} > ${text}`;
const damo_text = (file: string) => `damo report access --raw_form --input ${file} > ${file}.txt`;
const starts =
  (...codes: readonly number[]) =>
  (bytes: Uint8Array, _head?: string) =>
    codes.every((code, i) => bytes[i] === code);

const records: readonly ToolRecord[] = [
  {
    what: "is perf's own record",
    command: (file) => `${perf_text(file, `${file}.txt`)}, or of DAMON ${damo_text(file)}`,
    begins: (_, head) => /^(PERFILE|PERFFILE|2ELIFREP)/.test(head),
  },
  {
    what: "is damo's own record",
    command: damo_text,
    begins: (bytes, head) =>
      head.startsWith('damon_recfmt_ver') ||
      (bytes[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(bytes[1]!)),
  },
  {
    what: "is damo's JSON",
    command: damo_text,
    begins: (_, head) =>
      /^\s*\[?\s*\{\s*"(kdamond_idx|context_idx|intervals|scheme_idx|target_id|snapshots|start_time)"/.test(
        head,
      ),
  },
  {
    what: "is trace-cmd's own record",
    command: (file) => `trace-cmd report -i ${file} > ${file}.txt`,
    begins: starts(0x17, 0x08, 0x44),
  },
  {
    what: "is a table of perf's, which tells neither times nor all addresses",
    command: () => perf_text('perf.data', 'perf.txt'),
    // Of report, mem report, c2c report, and report -D.
    begins: (_, head) =>
      /^# To display the perf\.data header info|^# Samples: \S+ +of event|^# PID, TID, IP, ADDR|^ +Trace Event Information/m.test(
        head,
      ) || /^\s*0x[0-9a-f]+(?:@\S+)? \[0x[0-9a-f]+\]: event: /.test(head),
  },
  {
    what: 'is in UTF-16',
    command: (file) => `iconv -f UTF-16 -t UTF-8 ${file} > ${file}.txt`,
    begins: (bytes, head) => starts(0xff, 0xfe)(bytes, head) || starts(0xfe, 0xff)(bytes, head),
  },
  {
    what: 'is compressed',
    command: (file) => `gzip -dc ${file} > ${file}.txt`,
    begins: starts(0x1f, 0x8b),
  },
  {
    what: 'is compressed',
    command: (file) => `zstd -dc ${file} > ${file}.txt`,
    begins: starts(0x28, 0xb5, 0x2f, 0xfd),
  },
  {
    what: 'is compressed',
    command: (file) => `xz -dc ${file} > ${file}.txt`,
    begins: starts(0xfd, 0x37, 0x7a, 0x58, 0x5a),
  },
  {
    what: 'is compressed',
    command: (file) => `bzip2 -dc ${file} > ${file}.txt`,
    begins: starts(0x42, 0x5a, 0x68),
  },
];

/** What the file, `file` to a shell, is, and the command that makes text of it; `undefined` for what may be text. */
export function recordOfTool(bytes: Uint8Array, head: string, file: string): Complaint | undefined {
  const found = records.find(({ begins }) => begins(bytes, head));
  return found && { what: found.what, expected: `expected text, as of ${found.command(file)}` };
}

/** Throws if the file, `file` to a shell, begins as such a record does. */
export function refuseRecord(shown: string, file: string, bytes: Uint8Array, head: string): void {
  const record = recordOfTool(bytes, head, file);
  if (record !== undefined) throw new InputError(shown, record.what, record.expected);
}
