import assert from 'node:assert/strict';
import fc from 'fast-check';
import { markdownTable } from '../../sim/report/markdown-table.ts';
import { markdownList, markdownText } from '../../sim/report/markdown-text.ts';

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        ...['<b>', '</b>', '|', '\\', '`', '*', '_', '[x](y)', '\n', '# ', '- ', '1. ', '&lt;'],
        ...['a', ' ', 'ü', '$x$', '~~', '>', '==', '---', '\r\n'],
      ),
    )
    .map((parts) => parts.join('')),
);

describe('text in Markdown', () => {
  it('stays as it is where it is plain: names, paths and numbers', () => {
    for (const text of ['cxl.latency_ns', 'cxlfork, migrate-on-write', '12.34', '-1.5', '[1, 2)']) {
      assert.equal(markdownText(text), text.replace('[', '\\['));
    }
  });

  it('is no markup: tags, tables, emphasis, links, headings and lists', () => {
    assert.equal(markdownText('<b>a|b</b>'), '\\<b\\>a\\|b\\</b\\>');
    assert.equal(markdownText('a\nb'), 'a b');
    assert.equal(markdownText('*a* _b_ `c` [d](e)'), '\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e)');
    assert.equal(markdownText('# a'), '\\# a');
    assert.equal(markdownText('1. a'), '1\\. a');
    assert.equal(markdownText('- a'), '\\- a');
    assert.equal(markdownText('&lt;'), '\\&lt;');
  });

  it('is one line that reads as the text, whatever it is, and no markup is left in it', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const written = markdownText(text);
        assert.doesNotMatch(written, /[\r\n]/);
        const read = written.replace(/\\([!-/:-@[-`{-~])/g, '$1');
        assert.equal(read, text.replace(/\s+/g, ' ').trim());
        const bare = written.replace(/\\[!-/:-@[-`{-~]/g, '');
        assert.doesNotMatch(bare, /[\\`*[\]<>|&~$]/);
      }),
    );
  });

  it('cannot break a table or a list', () => {
    fc.assert(
      fc.property(texts, texts, (first, second) => {
        const column = (title: string) => {
          return { title, unit: '', align: 'left', expendable: 0 } as const;
        };
        const table = markdownTable({
          columns: [column(first), column(second)],
          sections: [{ heading: first, rows: [[first, second]] }],
        });
        const lines = table.trimEnd().split('\n');
        assert.equal(lines.length, 5);
        for (const line of lines.slice(2)) {
          assert.equal(line.replace(/\\[!-/:-@[-`{-~]/g, '').split('|').length, 4, line);
        }
        assert.equal(markdownList([first, second]).split('\n').length, 3);
      }),
    );
  });
});
