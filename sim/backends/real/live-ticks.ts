/**
 * Between a child's invocations on a real kernel: shows a policy's `tick` the child's pages, and lets the module move
 * those of its answer, as the simulator does (scenarios/fork/ticks.ts).
 *
 *     invocation ─► scan: A and D bits read and cleared ─► answer ─► promotions, demotions ─► next invocation
 */

import type { Measurements } from '../../metrics.ts';
import type { LivePage } from '../../policy.ts';
import type { PolicyHost } from '../../scenarios/fork/policy-host.ts';
import { askTick, noCleanCopy } from '../../scenarios/fork/tick-question.ts';
import { ns_per_ms, page_bytes } from '../../units.ts';
import type { Cluster, Node } from './node.ts';
import { mappingsOf, pagemapOf } from './process-memory.ts';
import { check, control, type ScannedPage, scanned } from './rforkctl.ts';
import type { Served } from './served-function.ts';

/** What a tick may move, and asks of whom. */
export interface TickRules {
  readonly host: PolicyHost;
  readonly budget_pages: number;
}

/** The ticks of one child. Times are absent: what passes here is mostly the way to the node. */
export class LiveTicks {
  readonly #rules: TickRules;
  readonly #cluster: Cluster;
  /** The image's pages in address order: a page's index is its place here. */
  readonly #addresses: readonly number[];
  readonly #pages: PageState[];
  #counts = { pages_promoted: 0, pages_demoted: 0, pages_over_budget: 0 };

  constructor(rules: TickRules, cluster: Cluster, image: readonly ScannedPage[]) {
    this.#rules = rules;
    this.#cluster = cluster;
    this.#addresses = image.map(({ address }) => address);
    this.#pages = image.map(() => new PageState());
  }

  get measured(): Measurements {
    return this.#counts;
  }

  /** One tick, after an invocation that took so long. */
  async run(child: Served, invocation_ns: number): Promise<void> {
    await this.#scan(child);
    const { host, budget_pages } = this.#rules;
    const view = {
      pages: { [Symbol.iterator]: () => this.#look() },
      local_memory_used: await memoryUsed(child.node),
      // No counter of the link is read, and emulated processors tell no latency.
      link_used: undefined,
      latency_ms: this.#cluster.times === 'absolute' ? invocation_ns / ns_per_ms : undefined,
      objective_ms: undefined,
    };
    const moves = askTick(host, view, budget_pages, this.#pages.length);
    this.#counts.pages_over_budget += moves.over_budget;
    const promoted = new Set(moves.promote);
    for (const index of moves.demote) {
      const page = this.#pages[index]!;
      const is_local = page.local || promoted.has(index);
      if (!is_local || page.written) throw noCleanCopy(host, index);
    }
    this.#counts.pages_promoted += await this.#move(child, moves.promote, '');
    this.#counts.pages_demoted += await this.#move(child, moves.demote, '--demote');
  }

  *#look(): Generator<LivePage> {
    for (const page of this.#pages) page.count();
    for (const [index, page] of this.#pages.entries()) {
      const { local, accessed_count, dirty_count } = page;
      yield { index, local, accessed_count, dirty_count, clean: local && !page.written };
    }
  }

  async #scan({ node, pid }: Served): Promise<void> {
    const words = `scan --pid ${pid} --pages --clear`;
    const found = await control<ScannedPage[]>(this.#cluster, node, words);
    const flags_at = new Map(found.map(({ address, flags }) => [address, flags]));
    const pagemap = await pagemapOf(node, pid, await mappingsOf(node, pid));
    for (const [index, page] of this.#pages.entries()) {
      const address = this.#addresses[index]!;
      page.see(flags_at.get(address) ?? 0, pagemap(address / page_bytes).file);
    }
  }

  /** How many the module moved: pages that moved by themselves, or are gone, stay as they are. */
  async #move({ node, pid }: Served, indices: readonly number[], direction: string) {
    if (indices.length === 0) return 0;
    const { tools } = this.#cluster;
    const addresses = indices.map((index) => this.#addresses[index]!);
    const command = `${tools}/rforkctl --json migrate --pid ${pid} --addresses - ${direction}`;
    const stdin = addresses.map((address) => `0x${address.toString(16)}\n`).join('');
    const { migrated } = JSON.parse(await check(node, command, { stdin }));
    return migrated as number;
  }
}

/** What looks found of one page. Bits that no look has counted yet stay. */
class PageState {
  local = false;
  accessed_count = 0;
  dirty_count = 0;
  #file = false;
  #found = 0;
  #is_new = false;

  see(flags: number, file: boolean): void {
    this.local = (flags & scanned.local) !== 0;
    this.#file = file;
    this.#found |= flags & (scanned.accessed | scanned.dirty);
    this.#is_new = true;
  }

  count(): void {
    if (!this.#is_new) return;
    this.#is_new = false;
    if (this.#found & scanned.accessed) this.accessed_count += 1;
    if (this.#found & scanned.dirty) this.dirty_count += 1;
    this.#found = 0;
  }

  /** Whether the child wrote it since its restore; a page of a file that came here is none of the checkpoint's. */
  get written(): boolean {
    return (
      this.dirty_count > 0 || (this.#found & scanned.dirty) !== 0 || (this.local && this.#file)
    );
  }
}

/** Share of a node's memory that is not to be had. */
async function memoryUsed(node: Node): Promise<number> {
  const text = await check(node, 'cat /proc/meminfo');
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)![1]);
  return 1 - kib('MemAvailable') / kib('MemTotal');
}
