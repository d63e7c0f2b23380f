// SPDX-License-Identifier: Apache-2.0
// Renders a Markdown text to HTML under Node.js; the input is which of its sections.

import { serve } from './invocations.mjs';

const sections = Array.from({ length: 64 }, (_, section) =>
  [
    `# Section ${section}`,
    ...Array.from({ length: 40 }, (_, i) =>
      i % 5 === 4
        ? `- a *point* with \`code ${i * section}\` and [a link](/page/${i})`
        : `Paragraph **${i}** of section ${section}, a < b && c > ${i * section}, and _so on_.`,
    ),
  ].join('\n\n'),
);

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function inline(text) {
  return text
    .replace(/[&<>]/g, (sign) => escapes[sign])
    .replace(/`([^`]*)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]*)\*\*/g, '<strong>$1</strong>')
    .replace(/\*([^*]*)\*|_([^_]*)_/g, (_, star, line) => `<em>${star ?? line}</em>`)
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '<a href="$2">$1</a>');
}

function block(text) {
  if (text.startsWith('# ')) return `<h1>${inline(text.slice(2))}</h1>`;
  if (text.startsWith('- ')) return `<ul><li>${inline(text.slice(2))}</li></ul>`;
  return `<p>${inline(text)}</p>`;
}

function handler(first) {
  const text = Array.from({ length: 8 }, (_, i) => sections[(first + 5 * i) % sections.length]);
  return text.join('\n\n').split('\n\n').map(block).join('\n').length;
}

serve(
  handler,
  Array.from({ length: 16 }, (_, first) => first),
);
