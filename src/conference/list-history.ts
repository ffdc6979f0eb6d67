/** The lists that a room has told lately, as the difference of each from the one before. Pure. */

/** What turns one list into another: some names leave it, then others are put behind the rest. */
export interface Difference {
  readonly left: readonly string[];
  readonly joined: readonly string[];
}

interface Step extends Difference {
  /** The number of the list that it leads to. */
  readonly seq: number;
}

/** Names that are kept however short the list is. */
const LEAST_KEPT = 64;

/** Names are unique in each list. */
export function difference(before: readonly string[], now: readonly string[]): Difference {
  const left: string[] = [];
  let kept = 0;
  for (const name of before) {
    if (now[kept] === name) kept++;
    else left.push(name);
  }
  return { left, joined: now.slice(kept) };
}

export class ListHistory {
  /** Oldest first. */
  readonly #steps: Step[] = [];
  /** Names in all steps. */
  #size = 0;
  /** The oldest list from which the steps lead to the present one. */
  #oldest = 0;

  /**
   * @param seq the number of the list that is the present one now; a greater one than before
   * @param length of that list. Steps of more names are not kept: the list itself is shorter.
   */
  add(seq: number, step: Difference, length: number): void {
    this.#steps.push({ seq, ...step });
    this.#size += step.left.length + step.joined.length;
    while (this.#size > Math.max(length, LEAST_KEPT)) this.#forgetOldest();
  }

  /**
   * What turns the list with this number into the present one. Undefined where that one is too long ago, or where a
   * name would be in both parts: it has changed its place, and has neither left nor joined.
   */
  since(seq: number): Difference | undefined {
    if (seq < this.#oldest) return undefined;
    const left = new Set<string>();
    const joined = new Set<string>();
    const first = this.#steps.findLastIndex((step) => step.seq <= seq) + 1;
    for (const step of this.#steps.slice(first)) {
      for (const name of step.left) if (!joined.delete(name)) left.add(name);
      for (const name of step.joined) joined.add(name);
    }
    for (const name of joined) if (left.has(name)) return undefined;
    return { left: [...left], joined: [...joined] };
  }

  #forgetOldest(): void {
    const oldest = this.#steps.shift();
    if (oldest === undefined) return;
    this.#size -= oldest.left.length + oldest.joined.length;
    this.#oldest = oldest.seq;
  }
}
