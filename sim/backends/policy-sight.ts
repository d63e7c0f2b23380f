/** What a policy may not look at: the clock and chance, which would make each run another one. */

type Call = (...given: unknown[]) => unknown;

function refusal(name: string): () => never {
  return () => {
    throw new Error(`asks ${name}, but the same page must always get the same answer`);
  };
}

const SightlessDate = new Proxy(Date, {
  apply: refusal('Date()'),
  construct(target, given, called) {
    return given.length === 0 ? refusal('new Date()')() : Reflect.construct(target, given, called);
  },
  get(target, key) {
    return key === 'now' ? refusal('Date.now()') : Reflect.get(target, key);
  },
});

/** Each by the object it belongs to, its key there, and what stands in for it meanwhile. */
const hidden: readonly [holder: object, key: string, instead: unknown][] = [
  [globalThis, 'Date', SightlessDate],
  ...(
    [
      [Math, 'Math', 'random'],
      [performance, 'performance', 'now'],
      [process, 'process', 'hrtime'],
      [crypto, 'crypto', 'getRandomValues'],
      [crypto, 'crypto', 'randomUUID'],
    ] as const
  ).map(([holder, name, key]): [object, string, unknown] => {
    const instead: Call = refusal(`${name}.${key}()`);
    return [holder, key, key === 'hrtime' ? Object.assign(instead, { bigint: instead }) : instead];
  }),
];

let undo: (() => void) | undefined;

/** Hides clock and chance until `reveal`; calls do not nest. */
export function hide(): void {
  if (undo !== undefined) throw new Error('hidden already');
  const before = hidden.map(
    ([holder, key]) => [holder, key, Object.getOwnPropertyDescriptor(holder, key)] as const,
  );
  for (const [holder, key, value] of hidden) {
    Object.defineProperty(holder, key, { value, configurable: true, writable: true });
  }
  undo = () => {
    for (const [holder, key, own] of before) {
      if (own) Object.defineProperty(holder, key, own);
      else Reflect.deleteProperty(holder, key);
    }
  };
}

/** Shows them again; also after an interruption, which lets no `finally` have its turn. */
export function reveal(): void {
  undo?.();
  undo = undefined;
}
