/**
 * What all nodes are to hold until some time, such as an operator's policies: entries by key, of which the newest counts.
 * Nodes that have heard the same entries, in whatever order, hold the same. Pure.
 */

/** Entries that a node holds at most, those that were taken back included. */
const MOST_ENTRIES = 20_000;
/** Characters of an entry as text. */
const LONGEST = 256 * 1024;
/** A clock of another node may be ahead by so many milliseconds: a day. */
const MOST_AHEAD = 86_400_000;
/** The first item; an entry of another format is not understood. */
const FORMAT = 1;

/** Times are milliseconds since the epoch. */
export interface Entry {
  /** When it was written, and later than all that its writer knew of. */
  readonly stamp: number;
  /** Until when it counts. */
  readonly ends: number;
  /** Until when it is remembered: what it has replaced must not come back before that would have ended. */
  readonly kept: number;
  /** Undefined where it was taken back. */
  readonly value: string | undefined;
}

/** Carries entries to the other nodes, and keeps them where nodes come and go. Never throws. */
export interface SharedRegister {
  /**
   * @param known what this node holds, and the others may lack
   * @param hear called with what the others hold
   * @returns done when that is known once, or cannot be known now
   */
  start(
    known: () => Iterable<readonly [string, Entry]>,
    hear: (key: string, entry: Entry) => void,
  ): Promise<void>;
  /**
   * @param forgotten keys that nobody needs any more
   * @returns whether it is kept, even if this node dies
   */
  tell(key: string, entry: Entry, forgotten: readonly string[]): Promise<boolean>;
  /** Whether what this node holds under this key is kept now, even if this node dies. */
  keeps(key: string): boolean;
  stop(): void;
}

export class Register {
  readonly #entries = new Map<string, Entry>();
  #lastStamp = 0;

  get isFull(): boolean {
    return this.#entries.size >= MOST_ENTRIES;
  }

  entries(): Iterable<readonly [string, Entry]> {
    return this.#entries;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** @param value undefined takes back what there is */
  write(key: string, value: string | undefined, ends: number, now: number): Entry {
    this.#lastStamp = Math.max(now, this.#lastStamp + 1);
    const kept = Math.max(ends, this.#entries.get(key)?.kept ?? 0);
    const entry = { stamp: this.#lastStamp, ends, kept, value };
    this.#entries.set(key, entry);
    return entry;
  }

  /** @returns whether it counts now, in place of what there was */
  merge(key: string, entry: Entry, now: number): boolean {
    const known = this.#entries.get(key);
    if (entry.stamp > now + MOST_AHEAD || entry.kept <= now || (known === undefined && this.isFull))
      return false;
    this.#lastStamp = Math.max(this.#lastStamp, entry.stamp);
    const kept = Math.max(entry.kept, known?.kept ?? 0);
    const isNew = known === undefined || isNewer(entry, known);
    this.#entries.set(key, { ...(isNew ? entry : known), kept });
    return isNew;
  }

  /** Forgets what nobody needs any more. @returns its keys */
  forget(now: number): string[] {
    const over = Array.from(this.#entries)
      .filter(([, { kept }]) => kept <= now)
      .map(([key]) => key);
    for (const key of over) this.#entries.delete(key);
    return over;
  }
}

/** Of two that were written at the same time, all nodes choose the same. */
function isNewer(entry: Entry, known: Entry): boolean {
  if (entry.stamp !== known.stamp) return entry.stamp > known.stamp;
  return `${entry.ends} ${entry.value}` > `${known.ends} ${known.value}`;
}

/** The script that stores it reads the stamp and until when it is kept. */
export function encodeEntry({ stamp, ends, kept, value }: Entry): string {
  return JSON.stringify([FORMAT, stamp, ends, kept, value ?? null]);
}

/** @returns undefined where it is none */
export function decodeEntry(text: unknown): Entry | undefined {
  if (typeof text !== 'string' || text.length > LONGEST) return undefined;
  const parsed = parseJson(text);
  if (!Array.isArray(parsed)) return undefined;
  const [format, stamp, ends, kept, value]: unknown[] = parsed;
  if (format !== FORMAT || !isTime(stamp) || !isTime(ends) || !isTime(kept)) return undefined;
  if (value !== null && typeof value !== 'string') return undefined;
  return { stamp, ends, kept, value: value ?? undefined };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
