/** Compares what the other nodes have sent lately with what this one knows, and finds the rooms that differ. */
import type { Connection } from './connection';
import { type Digest, decodeDigest, encodeDigest, type SentLately } from './digest';
import type { NodeKeys } from './keys';
import { EXCHANGE } from './scripts';
import type { SharedRoom } from './shared-room';
import type { Timing } from './timing';

export interface DigestExchangeParts {
  readonly self: string;
  readonly keys: () => NodeKeys;
  readonly rooms: ReadonlyMap<string, SharedRoom>;
  readonly sent: SentLately;
  readonly timing: Timing;
}

export interface Comparison {
  /** Rooms in which another node has sent what this one has not heard, or not yet. */
  readonly differing: ReadonlySet<SharedRoom>;
  /** No digest that was read has told of all that a node has sent: any room may differ. */
  readonly isIncomplete: boolean;
}

export class DigestExchange {
  readonly #parts: DigestExchangeParts;
  /** Up to which version the digests of a node have been compared. */
  #comparedTo = new Map<string, number>();

  constructor(parts: DigestExchangeParts) {
    this.#parts = parts;
  }

  /** @throws what ends the connection */
  async run(connection: Connection, now: number): Promise<Comparison> {
    const { self, keys, sent, timing } = this.#parts;
    const args = [self, encodeDigest(sent.digest(now)), String(timing.reread)];
    const { digests, living } = keys();
    const reply = await connection.run(EXCHANGE, [digests, living], args);
    const texts: unknown[] = Array.isArray(reply) ? reply : [];
    const comparedTo = new Map<string, number>();
    const differing = new Set<SharedRoom>();
    let isIncomplete = false;
    for (let at = 0; at + 1 < texts.length; at += 2) {
      const [node, digest] = [String(texts[at]), decodeDigest(String(texts[at + 1]))];
      if (digest === undefined) continue;
      if (digest.from > (this.#comparedTo.get(node) ?? 0)) isIncomplete = true;
      comparedTo.set(node, digest.to);
      this.#compare(node, digest, differing);
    }
    this.#comparedTo = comparedTo;
    return { differing, isIncomplete };
  }

  #compare(node: string, { versions }: Digest, differing: Set<SharedRoom>): void {
    if (versions.size === 0) return;
    for (const room of this.#parts.rooms.values()) {
      const version = versions.get(room.number);
      if (version !== undefined && version > (room.replica.versionOf(node) ?? 0)) differing.add(room);
    }
  }
}
