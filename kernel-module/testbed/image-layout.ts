/** Where an image lies in the shared memory (module/format.h), for tests that damage it from the host. */
import assert from 'node:assert/strict';
import type { SharedMemory } from './shared-memory.ts';
import { xxh64 } from './xxh64.ts';

/** Of the super block: where the owners of extents are, and how many. */
const superTablesAt = 56;
const slotTable = 4096 + 4096;
const nodes = Array.from({ length: 16 }, (_, node) => node);
const slot_bytes = 64 + 64 * nodes.length;
const headerMagic = Buffer.from('RFKIG001');
const headerSizeAt = 12;
const checksumAt = 24;
const imageAt = 40;
const sectionNames = [
  ...(['threads', 'vmas', 'files', 'leaves', 'pages', 'strings', 'xstates'] as const),
  ...(['watches', 'pipe_bytes', 'shared', 'shared_pages', 'hints'] as const),
];

export type SectionName = (typeof sectionNames)[number];
export interface Section {
  readonly offset: number;
  readonly count: number;
}

const slots = 128;

/** How many slots are in each state: free, building, committed, deleting, held. */
export function slotStates(memory: SharedMemory): number[] {
  const table = memory.read(slotTable, slots * slot_bytes);
  const states = [0, 0, 0, 0, 0];
  for (let index = 0; index < slots; index++) states[table[index * slot_bytes]!]! += 1;
  return states;
}

export class ImageInMemory {
  readonly memory: SharedMemory;
  /** Offset of the slot: word, serial, metadata offset, metadata bytes. */
  readonly slot: number;
  readonly slotIndex: number;
  readonly metadata: number;
  readonly bytes: number;
  readonly header_bytes: number;
  /** The header ends with its sections, each an offset from the header and a count. */
  readonly sections_at: number;
  readonly sections: Readonly<Record<SectionName, Section>>;

  constructor(memory: SharedMemory, image: number) {
    this.memory = memory;
    this.slotIndex = image & 0xff;
    this.slot = slotTable + this.slotIndex * slot_bytes;
    const slot = memory.read(this.slot, 32);
    this.metadata = Number(slot.readBigUInt64LE(16));
    this.bytes = Number(slot.readBigUInt64LE(24));
    const run = memory.read(this.metadata, this.bytes);
    assert.deepEqual(run.subarray(0, 8), headerMagic);
    this.header_bytes = run.readUInt32LE(headerSizeAt);
    this.sections_at = this.header_bytes - 16 * sectionNames.length;
    this.sections = Object.fromEntries(
      sectionNames.map((name, index) => [
        name,
        {
          offset: Number(run.readBigUInt64LE(this.sections_at + 16 * index)),
          count: Number(run.readBigUInt64LE(this.sections_at + 16 * index + 8)),
        },
      ]),
    ) as Record<SectionName, Section>;
    assert.equal(checksumOf(run, this.sections.hints.offset), run.readBigUInt64LE(checksumAt));
  }

  /** Of all nodes together. */
  references(): bigint {
    const slot = this.memory.read(this.slot, slot_bytes);
    return nodes.reduce(
      (sum, node) => sum + (slot.readBigUInt64LE(64 + 64 * node) & 0xffffffn),
      0n,
    );
  }

  /** The slot and its extents are those of image number `image`. */
  #own(image: number): void {
    const serial = this.memory.read(this.slot + 8, 8);
    const before = Number(BigInt.asUintN(32, serial.readBigUInt64LE() << 8n)) + this.slotIndex;
    serial.writeBigUInt64LE(BigInt(image >> 8));
    this.memory.write(this.slot + 8, serial);
    const tables = this.memory.read(superTablesAt, 16);
    const extent_table = Number(tables.readBigUInt64LE(0));
    const owners = this.memory.read(extent_table, 4 * Number(tables.readBigUInt64LE(8)));
    for (let at = 0; at < owners.length; at += 4) {
      if (owners.readUInt32LE(at) === before) owners.writeUInt32LE(image, at);
    }
    this.memory.write(extent_table, owners);
  }

  read(): Buffer {
    return this.memory.read(this.metadata, this.bytes);
  }

  /** Writes records as image number `serial` of the slot, so that no node has a verdict on it yet. */
  write(records: Buffer, serial: number): number {
    const run = Buffer.from(records);
    const image = serial * 256 + this.slotIndex;
    run.writeBigUInt64LE(BigInt(image), imageAt);
    run.writeBigUInt64LE(checksumOf(run, this.sections.hints.offset), checksumAt);
    this.#own(image);
    this.memory.write(this.metadata, run);
    return image;
  }
}

/** Over the records but the checksum itself and the hints, which the user may set. */
function checksumOf(run: Buffer, hints: number): bigint {
  const before = xxh64(run.subarray(0, checksumAt));
  return xxh64(run.subarray(checksumAt + 8, hints), before);
}
