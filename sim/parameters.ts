/** Parameters: what a plug-in or the kernel model lets an experiment set, declared once with a source. */

/** A number, flag or word that an experiment may set; declared once, where it is used. */
export interface Parameter<T extends number | boolean | string = number | boolean | string> {
  readonly default: T;
  /** `ns`, `pages`, `gb_per_s`, …; `flag` for booleans, `choice` for words. */
  readonly unit: string;
  readonly description: string;
  /** Where the default comes from; a fitted value says so and on what. */
  readonly source: string;
  /** Smallest and largest allowed number. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** Allowed words. */
  readonly choices?: readonly T[];
}

/** A fixed cost beyond a minute is no cost of a fork, but a slip of the unit. */
export const most_fixed_ns = 6e10;

/** A cost of each page, fault or leaf beyond a tenth of a second, too. */
export const most_each_ns = 1e8;

export type Parameters = Readonly<Record<string, Parameter>>;

/** The values of declared parameters, as the experiment set them or by default. */
export type Values<P extends Parameters = Parameters> = {
  readonly [K in keyof P]: P[K]['default'] extends number
    ? number
    : P[K]['default'] extends boolean
      ? boolean
      : string;
};

/** The defaults of `parameters` with what an experiment set; names and ranges are checked at load. */
export function valuesOf<P extends Parameters>(
  parameters: P,
  settings: Readonly<Record<string, number | boolean | string>> = {},
): Values<P> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [
      name,
      settings[name] ?? parameter.default,
    ]),
  ) as Values<P>;
}
