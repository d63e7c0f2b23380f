/** A process that judges one case after the other, and tells what it is at before it begins with it. */

import { setImmediate } from 'node:timers/promises';
import { Box } from './box.ts';
import { type CaseName, filesOf, inputOf, judge, mutationsOf } from './case.ts';
import type { Input, Kind } from './input.ts';
import { kinds } from './kinds/registry.ts';

/** What is told of cases, in their order. */
export type Message =
  | { readonly at: CaseName }
  | { readonly verdict: 'refused' | 'accepted'; readonly of: CaseName }
  | { readonly fault: string; readonly of: CaseName; readonly files: Record<string, string> };

export async function judgeAll(
  cases: readonly CaseName[],
  tell: (message: Message) => void,
): Promise<void> {
  const box = new Box();
  const corpora = new Map<string, readonly Input[]>();
  let current: CaseName | undefined;
  const outside = (error: unknown) => {
    if (current === undefined) throw error;
    tell({ fault: `outside of any call: ${shown(error)}`, of: current, files: {} });
  };
  process.on('uncaughtException', outside);
  process.on('unhandledRejection', outside);
  try {
    for (const name of cases) {
      const kind = kinds[name.kind]!;
      const corpus = corpora.get(name.kind) ?? (await kind.corpus());
      corpora.set(name.kind, corpus);
      current = name;
      tell({ at: name });
      tell(await judged(name, kind, corpus, box));
      await setImmediate();
    }
  } finally {
    box.remove();
  }
}

async function judged(
  name: CaseName,
  kind: Kind,
  corpus: readonly Input[],
  box: Box,
): Promise<Message> {
  try {
    return { verdict: await judge(name, kind, inputOf(name, kind, corpus), box), of: name };
  } catch (error) {
    const small = await smaller(name, kind, corpus, box);
    const { of, fault } = small ?? { of: name, fault: shown(error) };
    return { fault, of, files: filesOf(inputOf(of, kind, corpus)) };
  }
}

/** The case with fewer mutations, if it fails with them, too. */
async function smaller(name: CaseName, kind: Kind, corpus: readonly Input[], box: Box) {
  const all = mutationsOf(name);
  if (all.length === 1) return undefined;
  const some = [
    ...all.map((each) => [each]),
    ...all.map((each) => all.filter((one) => one !== each)),
  ];
  for (const mutations of some) {
    const of = { ...name, mutations };
    try {
      await judge(of, kind, inputOf(of, kind, corpus), box);
    } catch (error) {
      return { of, fault: shown(error) };
    }
  }
  return undefined;
}

function shown(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'Fault' ? error.message : (error.stack ?? error.message);
}

if (process.send !== undefined) {
  process.once('message', async (cases: readonly CaseName[]) => {
    await judgeAll(cases, (message) => process.send!(message));
    process.disconnect();
  });
}
