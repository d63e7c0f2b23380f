/** The backends of one run, each opened once, when it is first needed: recordings and trials meet the same machines. */

import type { Backend, BackendContext } from '../backend.ts';
import { type BackendName, backends } from './registry.ts';

/** How each backend is opened, by name. */
export type Openers = Readonly<
  Record<string, (context: BackendContext) => Backend | Promise<Backend>>
>;

/** What the module of a backend exports, beside its definition. */
interface BackendModule {
  open(context: BackendContext): Backend;
}

/** Those of the program, each from the file of its name. */
export const openers: Openers = Object.fromEntries(
  (Object.keys(backends) as BackendName[]).map((name) => [
    name,
    async (context: BackendContext) => {
      const module: BackendModule = await import(`./${name}.ts`);
      return module.open(context);
    },
  ]),
);

export class OpenBackends {
  readonly #openers: Openers;
  readonly #context: BackendContext;
  readonly #open = new Map<string, Promise<Backend>>();

  constructor(context: BackendContext, from: Openers = openers) {
    this.#openers = from;
    this.#context = context;
  }

  get(name: string): Promise<Backend> {
    let backend = this.#open.get(name);
    if (backend === undefined) {
      const open = this.#openers[name];
      if (open === undefined) throw new Error(`no backend is named ${name}`);
      backend = Promise.resolve(open(this.#context));
      this.#open.set(name, backend);
    }
    return backend;
  }

  /** Releases what they hold; who asks again opens them anew. */
  async close(): Promise<void> {
    const opened = await Promise.allSettled([...this.#open.values()]);
    this.#open.clear();
    for (const backend of opened) if (backend.status === 'fulfilled') await backend.value.close();
  }
}
