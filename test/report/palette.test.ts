import assert from 'node:assert/strict';
import { installed } from '../../sim/experiment/installed.ts';
import { readPolicy } from '../../sim/experiment/read-policy.ts';
import { mechanisms } from '../../sim/mechanisms/registry.ts';
import type { PolicyColour } from '../../sim/policy.ts';
import { coloursOf } from '../../sim/report/palette.ts';
import type { Measurement } from '../../sim/results/measurements-csv.ts';

/**
 * What people with full colour vision and without one kind of cone see of linear RGB: Machado, Oliveira
 * and Fernandes, A Physiologically-based Model for Simulation of Color Vision Deficiency (2009), table 1,
 * severity 1.
 */
const visions = {
  full: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [
    0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
  ],
  deuteranopia: [
    0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
  ],
  tritanopia: [
    1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039,
  ],
} as const;

/** CIE 1976 L*a*b* under D65 of a colour as it is seen. */
function seen(colour: string, vision: keyof typeof visions): readonly [number, number, number] {
  const linear = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const matrix = visions[vision];
  const [r, g, b] = [0, 3, 6].map((row) => {
    const sum = linear.reduce((held, value, column) => held + matrix[row + column]! * value, 0);
    return Math.min(1, Math.max(0, sum));
  }) as [number, number, number];
  const [x, y, z] = [
    (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
    0.2126 * r + 0.7152 * g + 0.0722 * b,
    (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
  ].map((value) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116)) as [
    number,
    number,
    number,
  ];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Differences of 2.3 are just noticed side by side; marks of a figure stand apart. */
const least_difference = 15;

const rowsOf = (systems: readonly (readonly [mechanism: string, policy: string])[]) =>
  systems.map(([mechanism, policy]) => ({ mechanism, policy }) as Measurement);

const declared: Map<string, PolicyColour> = new Map();
for (const [name, path] of installed.policies) {
  const { colour } = await readPolicy(path, path);
  if (colour !== undefined) declared.set(name, colour);
}
const policies = [...declared.keys()];
const own = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('the palette', () => {
  for (const [what, colours] of Object.entries({
    // Of two mechanisms under all policies the second has what is left, and no 18 colours are told apart.
    ...Object.fromEntries(
      Object.values(mechanisms)
        .filter(({ policies: taken }) => taken === 'any')
        .map(({ name }) => [
          `mechanisms and policies of ${name}`,
          coloursOf(
            rowsOf(
              Object.values(mechanisms).flatMap((each) => {
                if (each.policies === 'none') return [[each.name, 'none'] as const];
                return each.name === name ? policies.map((policy) => [name, policy] as const) : [];
              }),
            ),
            'system',
            declared,
          ),
        ]),
    ),
    policies: coloursOf(
      rowsOf(policies.map((policy) => ['cxlfork', policy] as const)),
      'policy',
      declared,
    ),
    'policies of users': coloursOf(
      rowsOf(own.map((name) => ['cxlfork', name] as const)),
      'policy',
      declared,
    ),
  })) {
    for (const vision of Object.keys(visions) as (keyof typeof visions)[]) {
      it(`tells ${what} apart with ${vision} vision`.replace('pia vision', 'pia'), () => {
        assert.equal(new Set(colours).size, colours.length);
        for (const [index, first] of colours.entries()) {
          for (const second of colours.slice(index + 1)) {
            const [a, b] = [seen(first, vision), seen(second, vision)];
            const difference = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
            assert.ok(difference >= least_difference, `${first} and ${second}: ${difference}`);
          }
        }
      });
    }
  }

  it('gives a mechanism and policy the same colour, whatever else is compared', () => {
    const [, alone] = coloursOf(
      rowsOf([
        ['criu', 'none'],
        ['cxlfork', 'hybrid'],
      ]),
      'system',
      declared,
    );
    const [among] = coloursOf(
      rowsOf([
        ['cxlfork', 'hybrid'],
        ['mitosis', 'none'],
      ]),
      'system',
      declared,
    );
    assert.equal(alone, among);
  });
});
