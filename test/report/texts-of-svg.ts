/** Where the texts of an SVG that Vega wrote stand on the page, as the shipped font draws them. */

import { textWidth } from '../../sim/report/font-metrics.ts';

export interface PlacedText {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Columns of an affine map: x' = a x + c y + e, y' = b x + d y + f. */
type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

const identity: Affine = [1, 0, 0, 1, 0, 0];

function times([a, b, c, d, e, f]: Affine, [g, h, i, j, k, l]: Affine): Affine {
  return [
    a * g + c * h,
    b * g + d * h,
    a * i + c * j,
    b * i + d * j,
    a * k + c * l + e,
    b * k + d * l + f,
  ];
}

/** The map of a `transform` attribute: translations and rotations, which is all that Vega writes. */
function affineOf(transform: string): Affine {
  return [...transform.matchAll(/(translate|rotate)\(([^)]*)\)/g)].reduce<Affine>(
    (held, [, kind, numbers]) => {
      const [x = 0, y = 0] = numbers!.split(/[ ,]+/).map(Number);
      if (kind === 'translate') return times(held, [1, 0, 0, 1, x, y]);
      const [cos, sin] = [Math.cos((x * Math.PI) / 180), Math.sin((x * Math.PI) / 180)];
      return times(held, [cos, sin, -sin, cos, 0, 0]);
    },
    identity,
  );
}

export function textsOf(svg: string): PlacedText[] {
  const texts: PlacedText[] = [];
  const groups: Affine[] = [identity];
  // Lines of a text are spans, which have the text's attributes and are lowered one after the other.
  let whole = '';
  let lowered = 0;
  for (const [, close, name, attributes, content] of svg.matchAll(
    /<(\/?)(g|text|tspan)\b([^>]*)>([^<]*)/g,
  )) {
    if (name === 'text' && close === '') [whole, lowered] = [attributes!, 0];
    const about = name === 'tspan' ? `${attributes} ${whole}` : attributes!;
    const attribute = (key: string) => new RegExp(`\\b${key}="([^"]*)"`).exec(about)?.[1];
    if (name === 'tspan') lowered += Number.parseFloat(attribute('dy') ?? '0');
    const placing = times(groups.at(-1)!, affineOf(attribute('transform') ?? ''));
    const here = times(placing, [1, 0, 0, 1, 0, lowered]);
    if (name === 'g') {
      // A group without anything has no end of its own.
      if (attributes!.endsWith('/')) continue;
      if (close === '/') groups.pop();
      else groups.push(placing);
    } else if (close === '' && content!.trim() !== '') {
      texts.push(placed(content!, here, attribute));
    }
  }
  return texts;
}

function placed(
  content: string,
  at: Affine,
  attribute: (key: string) => string | undefined,
): PlacedText {
  const text = content.replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
  const size = Number.parseFloat(attribute('font-size') ?? '12');
  const width = textWidth(text, size);
  const begin = { start: 0, middle: -width / 2, end: -width }[attribute('text-anchor') ?? 'start']!;
  // Between the baseline and the height of a capital: what hangs below may touch.
  const corners = [begin, begin + width].flatMap((x) =>
    [0, -0.7 * size].map((y) => {
      const [a, b, c, d, e, f] = at;
      return [a * x + c * y + e, b * x + d * y + f] as const;
    }),
  );
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return {
    text,
    left: Math.min(...xs),
    right: Math.max(...xs),
    top: Math.min(...ys),
    bottom: Math.max(...ys),
  };
}
