/** Members of a kernel's structures, from the types (BTF) that it tells of itself in /sys/kernel/btf/vmlinux. */

const [structure, union] = [4, 5] as const;

/** Of each kind of type: how many bytes follow its head, for one of its entries or in all. */
const bytes_each: Readonly<Record<number, number>> = { 4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12 };
const bytes_once: Readonly<Record<number, number>> = { 1: 4, 3: 12, 14: 4, 17: 4 };

interface Type {
  readonly kind: number;
  readonly name: string;
  /** Name and type of each member, where there are members. */
  readonly members: readonly (readonly [name: string, type: number])[];
}

export class KernelTypes {
  /** By number, from 1. */
  readonly #types: readonly Type[];

  constructor(btf: Buffer) {
    if (btf.readUInt16LE(0) !== 0xeb9f) throw new Error('no types of a kernel');
    const header_bytes = btf.readUInt32LE(4);
    const [types_at, type_bytes, strings_at] = [8, 12, 16].map((at) => btf.readUInt32LE(at));
    const strings = btf.subarray(header_bytes + strings_at!);
    const text = (at: number) => strings.toString('utf8', at, strings.indexOf(0, at));
    const end = header_bytes + types_at! + type_bytes!;
    const types: Type[] = [{ kind: 0, name: 'void', members: [] }];
    for (let at = header_bytes + types_at!; at < end; ) {
      const information = btf.readUInt32LE(at + 4);
      const kind = (information >>> 24) & 0x1f;
      const entries = information & 0xffff;
      const name = text(btf.readUInt32LE(at));
      at += 12;
      const each = bytes_each[kind] ?? 0;
      const has_members = kind === structure || kind === union;
      const members = Array.from({ length: has_members ? entries : 0 }, (_, index) => {
        const member = at + index * each;
        return [text(btf.readUInt32LE(member)), btf.readUInt32LE(member + 4)] as const;
      });
      types.push({ kind, name, members });
      at += (bytes_once[kind] ?? 0) + each * entries;
    }
    this.#types = types;
  }

  /** Names in the order of memory; of what has no name, the names in it. */
  membersOf(name: string): string[] {
    const found = this.#types.find((type) => type.kind === structure && type.name === name);
    if (found === undefined) throw new Error(`the kernel has no struct ${name}`);
    return this.#names(found);
  }

  #names({ members }: Type): string[] {
    return members.flatMap(([name, type]) =>
      name === '' ? this.#names(this.#types[type]!) : [name],
    );
  }
}
