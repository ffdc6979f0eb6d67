/**
 * Slots, as Redis Cluster has them: a key belongs to one of 16,384, by the CRC16 of what stands between its braces, and
 * each slot to one primary. Several plain Redis share the slots in the same way. Pure.
 *
 * The CRC is CRC-16/XMODEM (polynomial 0x1021, start 0), from the Redis Cluster specification, appendix A.
 */
export const SLOTS = 16_384;

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
  return crc;
});

/** The slot of a hash tag: what stands between the first braces of a key. @param tag plain ASCII */
export function slotOfTag(tag: string): number {
  let crc = 0;
  for (let at = 0; at < tag.length; at++) {
    crc = ((crc << 8) & 0xffff) ^ (TABLE[((crc >> 8) ^ tag.charCodeAt(at)) & 0xff] ?? 0);
  }
  return crc % SLOTS;
}

/** The slot of a key that has a hash tag. */
export function slotOfKey(key: string): number {
  const start = key.indexOf('{') + 1;
  return slotOfTag(key.slice(start, key.indexOf('}', start)));
}

/** From the first slot to the last one. */
export type SlotRange = readonly [from: number, to: number];

/** The part of the slots that is the `index`th of `count` plain Redis: the same on every node. */
export function rangeOf(index: number, count: number): SlotRange {
  const start = (part: number) => Math.ceil((part * SLOTS) / count);
  return [start(index), start(index + 1) - 1];
}

export function covers(ranges: readonly SlotRange[], slot: number): boolean {
  return ranges.some(([from, to]) => from <= slot && slot <= to);
}

/** Whether they have a slot in common. */
export function overlap(some: readonly SlotRange[], others: readonly SlotRange[]): boolean {
  return some.some(([from, to]) => others.some(([otherFrom, otherTo]) => from <= otherTo && otherFrom <= to));
}

/**
 * The hash tag for what a primary has once, such as who lives: the first of `name`, `name.1`, `name.2` … that lands on
 * it. Nodes with the same map choose the same one, and it stays for as long as the primary keeps that slot.
 */
export function tagOn(ranges: readonly SlotRange[], name: string): string {
  if (ranges.length === 0) return name;
  for (let number = 0; ; number++) {
    const tag = number === 0 ? name : `${name}.${number}`;
    if (covers(ranges, slotOfTag(tag))) return tag;
  }
}
