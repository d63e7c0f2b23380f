/**
 * A figure's SVG, as `drawForPrint` makes it, as a PDF of the same size: paths, hatches as lines, and text in the
 * shipped font, of which the glyphs that are used are embedded. It holds no date, and is not compressed, so that
 * every version of Node.js writes the same bytes.
 */

import PDFDocument from 'pdfkit';
import { font_path } from '../font-metrics.ts';
import { hatch_ink, hatchOf, line_width, linesOver } from './hatches.ts';
import { sizeOf } from './print-figure.ts';
import { unescaped } from './svg-text.ts';

type Attributes = Readonly<Record<string, string>>;

interface Tag {
  readonly name: string;
  readonly closes: boolean;
  /** It has no content, and is not closed. */
  readonly empty: boolean;
  readonly attributes: Attributes;
  /** What stands behind it, up to the next tag. */
  readonly text: string;
}

export function printPdf(svg: string, title: string): Promise<Uint8Array> {
  const { width, height } = sizeOf(svg);
  const document = new PDFDocument({
    size: [width, height],
    margin: 0,
    compress: false,
    // The last version without a block of metadata, which would be dated.
    pdfVersion: '1.3',
    font: font_path,
    // Its checksum is the document's name, which the date would enter.
    info: { Title: title, Producer: 'cxlsim', Creator: 'cxlsim', CreationDate: new Date(0) },
  });
  Object.defineProperty(document.info, 'CreationDate', { enumerable: false });
  const parts: Uint8Array[] = [];
  const whole = new Promise<Uint8Array>((resolve, reject) => {
    document.on('data', (part: Uint8Array) => parts.push(part));
    document.on('end', () => resolve(Buffer.concat(parts)));
    document.on('error', reject);
  });
  draw(document, [...tagsOf(svg)]);
  document.end();
  return whole;
}

function* tagsOf(svg: string): Generator<Tag> {
  const body = svg.replace(/<defs>[\s\S]*?<\/defs>/g, (definitions) =>
    definitions.includes('<pattern') ? '' : definitions,
  );
  for (const [, slash, name, words, empty, text] of body.matchAll(
    /<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"]*")*)\s*(\/?)>([^<]*)/g,
  )) {
    const attributes = Object.fromEntries(
      [...words!.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]),
    );
    yield { name: name!, closes: slash === '/', empty: empty === '/', attributes, text: text! };
  }
}

/** What an element has of those around it. */
type Inherited = Readonly<Record<string, string>>;

const inherited = ['fill', 'stroke', 'opacity', 'font-size', 'text-anchor'];

function draw(document: PDFKit.PDFDocument, tags: readonly Tag[]): void {
  const clips = clipPathsOf(tags);
  const above: { name: string; kept: Inherited }[] = [{ name: 'svg', kept: {} }];
  let in_definitions = false;
  for (const tag of tags) {
    const { name, closes, empty, attributes, text } = tag;
    if (name === 'defs' || name === 'clipPath')
      in_definitions = name === 'defs' ? !closes : in_definitions;
    if (in_definitions || name === 'svg' || name === 'defs') continue;
    if (closes) {
      const { name: opened } = above.pop()!;
      if (opened === 'g' || opened === 'text') document.restore();
      continue;
    }
    const kept: Inherited = {
      ...above.at(-1)!.kept,
      ...Object.fromEntries(
        inherited.flatMap((key) => (key in attributes ? [[key, attributes[key]!]] : [])),
      ),
    };
    document.save();
    move(document, attributes['transform']);
    const clip = /url\(#([^)]*)\)/.exec(attributes['clip-path'] ?? '')?.[1];
    if (clip !== undefined && clips.has(clip)) document.path(clips.get(clip)!).clip();
    if (name === 'path') drawPath(document, attributes['d'] ?? '', attributes, kept);
    if (name === 'rect') drawPath(document, rectangle(attributes), attributes, kept);
    if (name === 'line') drawPath(document, segment(attributes), attributes, kept);
    if ((name === 'text' || name === 'tspan') && text.trim() !== '')
      drawText(document, unescaped(text), attributes, kept);
    if (name === 'tspan') {
      document.restore();
      if (!empty) above.push({ name, kept });
    } else if (empty) document.restore();
    else if (name === 'g' || name === 'text') above.push({ name, kept });
    else {
      document.restore();
      above.push({ name, kept });
    }
  }
}

function clipPathsOf(tags: readonly Tag[]): Map<string, string> {
  const paths = new Map<string, string>();
  let id: string | undefined;
  for (const { name, closes, attributes } of tags) {
    if (name === 'clipPath') id = closes ? undefined : attributes['id'];
    else if (id !== undefined && name === 'rect') paths.set(id, rectangle(attributes));
    else if (id !== undefined && name === 'path') paths.set(id, attributes['d'] ?? '');
  }
  return paths;
}

/** Translations and rotations are all that Vega writes. */
function move(document: PDFKit.PDFDocument, transform = ''): void {
  for (const [, kind, numbers] of transform.matchAll(/(\w+)\(([^)]*)\)/g)) {
    const [a = 0, b = 0] = numbers!.split(/[ ,]+/).map(Number);
    if (kind === 'translate') document.translate(a, b);
    else if (kind === 'rotate') document.rotate(a);
    else throw new RangeError(`no transform ${kind} in figures for print`);
  }
}

function rectangle({ x = '0', y = '0', width = '0', height = '0' }: Attributes): string {
  return `M${x},${y}h${width}v${height}h-${width}Z`;
}

function segment({ x1 = '0', y1 = '0', x2 = '0', y2 = '0' }: Attributes): string {
  return `M${x1},${y1}L${x2},${y2}`;
}

function drawPath(
  document: PDFKit.PDFDocument,
  path: string,
  attributes: Attributes,
  kept: Inherited,
): void {
  if (path === '') return;
  const fill = kept['fill'] ?? 'black';
  const stroke = kept['stroke'] ?? 'none';
  if (Number(kept['opacity'] ?? 1) === 0) return;
  const hatch = hatchOf(fill);
  const is_filled = !['none', 'transparent'].includes(fill);
  if (is_filled) document.path(path).fill(colourOf(hatch?.fill ?? fill));
  if (hatch) {
    document.save();
    document.path(path).clip();
    for (const [a, b, c, d] of linesOver(hatch, boxOf(path))) document.moveTo(a, b).lineTo(c, d);
    document.lineCap('square').lineWidth(line_width).stroke(hatch_ink);
    document.restore();
  }
  if (!['none', 'transparent'].includes(stroke)) {
    const dashes = (attributes['stroke-dasharray'] ?? '')
      .split(/[ ,]+/)
      .filter(Boolean)
      .map(Number);
    if (dashes.length > 0) document.dash(dashes[0]!, { space: dashes[1] ?? dashes[0]! });
    document.lineWidth(Number(attributes['stroke-width'] ?? 1));
    document.path(path).stroke(colourOf(stroke));
  }
}

/** The PDF library reads hexadecimal colours and names. */
function colourOf(colour: string): string {
  const [, r, g, b] = /^rgb\((\d+), ?(\d+), ?(\d+)\)$/.exec(colour) ?? [];
  if (r === undefined) return colour;
  return `#${[r, g, b].map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`;
}

/** Of a path of straight lines and rectangles, which is what hatched marks are; of others, of all their numbers. */
function boxOf(path: string): { left: number; top: number; right: number; bottom: number } {
  const box = { left: 0, top: 0, right: 0, bottom: 0 };
  let [x, y, first] = [0, 0, true];
  const seen = () => {
    box.left = first ? x : Math.min(box.left, x);
    box.right = first ? x : Math.max(box.right, x);
    box.top = first ? y : Math.min(box.top, y);
    box.bottom = first ? y : Math.max(box.bottom, y);
    first = false;
  };
  for (const [, command, words] of path.matchAll(/([a-df-zA-Z])([^a-df-zA-Z]*)/g)) {
    const numbers = [...words!.matchAll(/-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/g)].map(Number);
    const [a = 0, b = 0] = numbers.slice(command === 'A' ? 5 : 0);
    if (command === 'M' || command === 'L' || command === 'A') [x, y] = [a, b];
    else if (command === 'H') x = a;
    else if (command === 'V') y = a;
    else if (command === 'h') x += a;
    else if (command === 'v') y += a;
    else if (command === 'l') [x, y] = [x + a, y + b];
    else if (command !== 'Z' && command !== 'z')
      throw new RangeError(`no path command ${command} under a hatch`);
    seen();
  }
  return box;
}

function drawText(
  document: PDFKit.PDFDocument,
  text: string,
  { dy = '0', x = '0' }: Attributes,
  kept: Inherited,
): void {
  const size = Number.parseFloat(kept['font-size'] ?? '11');
  if (Number(kept['opacity'] ?? 1) === 0 || kept['fill'] === 'none') return;
  document.fontSize(size).fillColor(colourOf(kept['fill'] ?? 'black'));
  const width = document.widthOfString(text);
  const anchor = kept['text-anchor'] ?? 'start';
  const from =
    Number.parseFloat(x) - (anchor === 'middle' ? width / 2 : anchor === 'end' ? width : 0);
  document.text(text, from, Number.parseFloat(dy), { baseline: 'alphabetic', lineBreak: false });
}
