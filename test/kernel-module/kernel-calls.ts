/** Which functions of a built kernel call which, from its machine code: what the compiler made inline counts as the caller's. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runForBytes } from '../../kernel-module/testbed/host-command.ts';
import type { Kernel } from '../../kernel-module/testbed/kernel.ts';

interface Code {
  readonly address: bigint;
  readonly bytes: Buffer;
}

interface Function {
  readonly address: bigint;
  readonly name: string;
}

export class KernelCalls {
  readonly #functions: readonly Function[];
  readonly #code: readonly Code[];

  private constructor(functions: readonly Function[], code: readonly Code[]) {
    this.#functions = functions;
    this.#code = code;
  }

  /** Of a kernel that was built here: Debian's come without the script and the symbols. */
  static async of(kernel: Kernel): Promise<KernelCalls> {
    const script = join(kernel.headers, 'scripts/extract-vmlinux');
    const image = await runForBytes('sh', [script, kernel.image]);
    const symbols = await readFile(join(kernel.headers, 'System.map'), 'utf8');
    return new KernelCalls(functionsIn(symbols), executableSections(image));
  }

  names(): string[] {
    return this.#functions.map(({ name }) => name);
  }

  /**
   * Names without what the compiler added to them. Calls and jumps with a 32-bit distance are looked for at every
   * byte, so none is missed; that other bytes look like one to an address that is asked for is a chance of one in a
   * thousand kernels.
   */
  callersOf(called: ReadonlySet<string>): Set<string> {
    const targets = new Set(
      this.#functions
        .filter(({ name }) => called.has(plain(name)))
        .map(({ address }) => Number(BigInt.asIntN(32, address))),
    );
    const callers = new Set<string>();
    for (const { address, bytes } of this.#code) {
      const low = Number(BigInt.asIntN(32, address));
      for (let at = 0; at + 5 <= bytes.length; at++) {
        const opcode = bytes[at]!;
        const jumps = opcode === 0xe8 || opcode === 0xe9 || (opcode & 0xf0) === 0x80;
        if (!jumps || ((opcode & 0xf0) === 0x80 && bytes[at - 1] !== 0x0f)) continue;
        if (!targets.has((low + at + 5 + bytes.readInt32LE(at + 1)) | 0)) continue;
        callers.add(plain(this.#at(address + BigInt(at))));
      }
    }
    return callers;
  }

  #at(address: bigint): string {
    let low = 0;
    let high = this.#functions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#functions[middle]!.address <= address) low = middle + 1;
      else high = middle;
    }
    return this.#functions[low - 1]!.name;
  }
}

/** GCC names parts and variants of a function after it: `set_ptes.constprop.0`, `do_wp_page.cold`. */
function plain(name: string): string {
  return name.replace(/\..*$/, '');
}

function functionsIn(symbols: string): Function[] {
  return [...symbols.matchAll(/^([0-9a-f]{16}) [tTwW] (?!__pfx_)(\S+)$/gm)].map(
    ([, address, name]) => ({ address: BigInt(`0x${address}`), name: name! }),
  );
}

/** Of an ELF file of 64 bits. */
function executableSections(image: Buffer): Code[] {
  const executable = 4n;
  const headers = Number(image.readBigUInt64LE(0x28));
  const size = image.readUInt16LE(0x3a);
  const count = image.readUInt16LE(0x3c);
  const sections = Array.from({ length: count }, (_, index) =>
    image.subarray(headers + index * size, headers + (index + 1) * size),
  );
  return sections
    .filter((section) => (section.readBigUInt64LE(8) & executable) !== 0n)
    .map((section) => {
      const start = Number(section.readBigUInt64LE(24));
      const bytes = image.subarray(start, start + Number(section.readBigUInt64LE(32)));
      return { address: section.readBigUInt64LE(16), bytes };
    });
}
