/** What a policy may not look at: the clock and chance, which would make each run another one, nor where results are written. */

import nodeCrypto from 'node:crypto';
import { fileURLToPath } from 'node:url';

/** A policy asked for what it may not see. */
export class Unseen extends Error {
  override readonly name = 'Unseen';
  /** As `Math.random()`. */
  readonly asked: string;

  constructor(asked: string, by: Call) {
    super(`asks ${asked}, but the same question must always get the same answer`);
    this.asked = asked;
    Error.captureStackTrace(this, by);
  }
}

type Call = (...given: never[]) => unknown;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** While a file is imported, its translator has its turn, too, and so may whatever else of ours goes on. */
function isOurs(stack: string): boolean {
  const caller = /^ +at (?!async )(.*)$/m.exec(stack)?.[1] ?? '';
  const file = /((?:file:\/\/)?\/.*?):\d+:\d+\)?$/.exec(caller)?.[1]?.replace('file://', '') ?? '';
  return (
    ['sim/', 'dist/'].some((folder) => file.startsWith(`${root}${folder}`)) ||
    /\/node_modules\/(tsx|esbuild)\//.test(file)
  );
}

/** Refuses whoever asks, unless we do. */
function refuse(name: string, by: Call): void {
  const refusal = new Unseen(name, by);
  if (!isOurs(refusal.stack ?? '')) throw refusal;
}

/** `call`, which sees no clock: for us it goes on working. */
function sightless(name: string, call: Call): Call {
  return function instead(this: unknown, ...given: never[]): unknown {
    refuse(name, instead);
    return Reflect.apply(call, this, given);
  };
}

const { now } = Date;
const sightlessNow = sightless('Date.now()', now);
const dateTraps: ProxyHandler<DateConstructor> = {
  apply(target, self, given) {
    refuse('Date()', dateTraps.apply as Call);
    return Reflect.apply(target, self, given);
  },
  construct(target, given, called) {
    if (given.length === 0) refuse('new Date()', dateTraps.construct as Call);
    return Reflect.construct(target, given, called);
  },
  get: (target, key) => (key === 'now' ? sightlessNow : Reflect.get(target, key)),
};

function sightlessHrtime(): Call {
  const { hrtime } = process;
  const bigint = sightless('process.hrtime.bigint()', hrtime.bigint);
  return Object.assign(sightless('process.hrtime()', hrtime), { bigint });
}

/** Each by the object it belongs to, its key there, and what stands in for it meanwhile. */
const hidden: readonly [holder: object, key: string, instead: unknown][] = [
  [globalThis, 'Date', new Proxy(Date, dateTraps)],
  [process, 'hrtime', sightlessHrtime()],
  ...(
    [
      [Math, 'Math', 'random'],
      [performance, 'performance', 'now'],
      [process, 'process', 'uptime'],
      [process, 'process', 'chdir'],
      [crypto, 'crypto', 'getRandomValues'],
      [crypto, 'crypto', 'randomUUID'],
      [nodeCrypto, 'crypto', 'randomBytes'],
      [nodeCrypto, 'crypto', 'randomFillSync'],
      [nodeCrypto, 'crypto', 'randomInt'],
      [nodeCrypto, 'crypto', 'randomUUID'],
    ] as const
  ).map(([holder, name, key]): [object, string, unknown] => {
    const call = (holder as unknown as Record<string, Call>)[key]!;
    return [holder, key, sightless(`${name}.${key}()`, call)];
  }),
];

let undo: (() => void) | undefined;
const hiders = new Set<symbol>();

/** Hides clock and chance until what it returns is called, by this and by whoever else hid them. */
export function hide(): () => void {
  const hider = Symbol('hider');
  hiders.add(hider);
  undo ??= replace();
  return () => {
    hiders.delete(hider);
    if (hiders.size === 0) revealAll();
  };
}

function replace(): () => void {
  const before = hidden.map(
    ([holder, key]) => [holder, key, Object.getOwnPropertyDescriptor(holder, key)] as const,
  );
  for (const [holder, key, value] of hidden) {
    Object.defineProperty(holder, key, { value, configurable: true, writable: true });
  }
  return () => {
    for (const [holder, key, own] of before) {
      if (own) Object.defineProperty(holder, key, own);
      else Reflect.deleteProperty(holder, key);
    }
  };
}

/** Shows them again whoever hid them: an interruption lets no `finally` have its turn. */
export function revealAll(): void {
  hiders.clear();
  undo?.();
  undo = undefined;
}
