import assert from 'node:assert/strict';
import { deflateSync, gzipSync } from 'node:zlib';
import { recordOfTool } from '../../../sim/recording/import/record-of-tool.ts';
import { fixture } from './text-source.ts';

const found = (content: string | Uint8Array) => {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return recordOfTool(bytes, new TextDecoder().decode(bytes), 'r');
};

describe('records that tools keep for themselves', () => {
  const records: readonly (readonly [
    content: string | Uint8Array,
    what: string,
    command: RegExp,
  ])[] = [
    [
      'PERFILE2\0\0',
      "is perf's own record",
      /^expected text, as of perf script -i r -F comm,pid,tid/,
    ],
    ['damon_recfmt_ver\x02', "is damo's own record", /damo report access --raw_form --input r > r/],
    [deflateSync('[]'), "is damo's own record", /damo report access --raw_form/],
    [deflateSync('[]', { level: 1 }), "is damo's own record", /damo report access --raw_form/],
    ['[\n    {\n        "kdamond_idx": null', "is damo's JSON", /--raw_form/],
    ['{"snapshots": [', "is damo's JSON", /--raw_form/],
    [Buffer.from('\x17\x08\x44tracing', 'latin1'), "is trace-cmd's own record", /trace-cmd report/],
    [
      "# To display the perf.data header info, please use\n#\n# Samples: 12K of event 'x'\n",
      "is a table of perf's, which tells neither times nor all addresses",
      /perf script -i perf.data -F comm,pid/,
    ],
    [
      '\n\n0x118@perf.data [0x20]: event: 79\n',
      "is a table of perf's, which tells neither times nor all addresses",
      /perf script/,
    ],
    [
      '# PID, TID, IP, ADDR, LOCAL WEIGHT, DSRC, # SYMBOL\n',
      "is a table of perf's, which tells neither times nor all addresses",
      /perf script/,
    ],
    [
      '=====\n            Trace Event Information              \n=====\n',
      "is a table of perf's, which tells neither times nor all addresses",
      /perf script/,
    ],
    [
      Buffer.from('\ufeffinvocation,page\n', 'utf16le'),
      'is in UTF-16',
      /iconv -f UTF-16 -t UTF-8 r > r.txt/,
    ],
    [gzipSync('x'), 'is compressed', /gzip -dc r > r.txt/],
  ];
  for (const [content, what, command] of records) {
    it(`are known by how they begin, with what makes text of them: one that ${what}`, () => {
      const record = found(content);
      assert.equal(record?.what, what);
      assert.match(record!.expected, command);
    });
  }

  it('are none of the texts that are imported', () => {
    for (const name of [
      'lackey.log',
      'perf-mem.txt',
      'pages.csv',
      'rforkctl-scans.txt',
      'damon-aggregated.txt',
      'mlc-whole.txt',
    ]) {
      assert.equal(found(fixture(name).slice(0, 1 << 14)), undefined, name);
    }
  });
});
