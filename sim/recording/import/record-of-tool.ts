/** Records that their tools keep for themselves, known by their first bytes, and how to make text of them. */

import type { Complaint } from '../../input/complaint.ts';

interface ToolRecord {
  readonly what: string;
  /** A command that prints the text which is imported; `file` is a word of a shell. */
  readonly command: (file: string) => string;
  begins(bytes: Uint8Array, head: string): boolean;
}

const damo_text = (file: string) => `damo report access --raw_form --input ${file} > ${file}.txt`;
const starts =
  (...codes: readonly number[]) =>
  (bytes: Uint8Array) =>
    codes.every((code, i) => bytes[i] === code);

const records: readonly ToolRecord[] = [
  {
    what: "is perf's own record",
    command: (file) =>
      `perf script -i ${file} -F comm,pid,tid,cpu,time,period,event,addr,data_src > ${file}.txt, or of DAMON ${damo_text(file)}`,
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
