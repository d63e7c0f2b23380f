/** What engines of a language model are asked for, and what they are unless an experiment says otherwise. */

import type { LayerProfile } from './layer-profile.ts';
import type { RatedRequests } from './rated-requests.ts';
import type { Requests } from './requests.ts';

export interface LlmWorkload {
  readonly kind: 'llm';
  readonly name: string;
  readonly description: string;
  readonly source: string;
  /** What a reader must know before quoting results. */
  readonly caveat?: string;
  /** The requests, or that agents make them (agents.ts), or that they are drawn, as the experiment's parameters of these say. */
  readonly requests: Requests | RatedRequests | 'agents';
  readonly profile?: LayerProfile;
  /** Parameters of the engine, of mechanisms and of agents, by plug-in, where experiments set none. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, number | boolean | string>>>>;
}
