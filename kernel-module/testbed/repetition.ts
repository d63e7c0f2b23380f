/** How often randomised scenarios repeat what they do, and from which seed: `CXLSIM_ROUNDS`, `CXLSIM_SEED`. */

function whole(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name}=${text}; must be a whole number`);
  return Number(text);
}

export function rounds(otherwise: number): number {
  return whole('CXLSIM_ROUNDS', otherwise);
}

/** The same in every run unless told, so that a failure can be repeated. */
export function seed(): number {
  return whole('CXLSIM_SEED', 1);
}
