/** Finds the scenarios: each file in scenarios/ is one, and its name is the file's. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from './scenario.ts';

const directory = join(import.meta.dirname, 'scenarios');

export function scenarioNames(): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.replace(/\.ts$/, ''))
    .sort();
}

export async function loadScenario(name: string): Promise<Scenario> {
  const names = scenarioNames();
  if (!names.includes(name)) {
    throw new Error(`no scenario named ${name}; found ${names.join(', ')}`);
  }
  const module = (await import(join(directory, `${name}.ts`))) as { default: Scenario };
  return module.default;
}
