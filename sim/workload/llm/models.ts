/** All language models by name: the one place that lists them. */

import type { LanguageModel } from './language-model.ts';
import llama31_8b from './models/llama-3.1-8b.ts';
import llama31_70b from './models/llama-3.1-70b.ts';
import qwen25_7b from './models/qwen-2.5-7b.ts';

export const languageModels: Readonly<Record<string, LanguageModel>> = Object.fromEntries(
  [llama31_8b, llama31_70b, qwen25_7b].map((model) => [model.name, model]),
);
