/** The streams of this node in one room, with their stamps, and which of them have changed since they were told. */
export class OwnStreams extends Map<string, number> {
  #changed: Set<string> | undefined;

  /** How many have changed since they were told. */
  get changes(): number {
    return this.#changed?.size ?? 0;
  }

  override set(name: string, stamp: number): this {
    if (this.get(name) !== stamp) this.#note(name);
    return super.set(name, stamp);
  }

  override delete(name: string): boolean {
    if (this.has(name)) this.#note(name);
    return super.delete(name);
  }

  /** They are told: what has come or has another stamp, and what has left. */
  takeChanges(): { changed: Map<string, number>; left: string[] } {
    const changed = new Map<string, number>();
    const left: string[] = [];
    for (const name of this.#changed ?? []) {
      const stamp = this.get(name);
      if (stamp === undefined) left.push(name);
      else changed.set(name, stamp);
    }
    this.#changed = undefined;
    return { changed, left };
  }

  #note(name: string): void {
    this.#changed ??= new Set();
    this.#changed.add(name);
  }
}
