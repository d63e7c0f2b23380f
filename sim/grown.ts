/** Typed arrays that become longer as they are needed. */

type Values = Uint8Array | Int32Array | Uint32Array | Float64Array;

/** The same values in an array that holds `length`: twice as long, until it does. */
export function grown<A extends Values>(values: A, length: number): A {
  let size = Math.max(values.length, 1024);
  while (size < length) size *= 2;
  const longer = new (values.constructor as new (size: number) => A)(size);
  longer.set(values as never);
  return longer;
}
