/** Who is in the room, as far as one can be sure: after a lost link, the others may still be on their way. */
export class Attendance {
  #roster: readonly string[] = [];
  /** Those of before the link was lost whom this link has not listed yet. */
  readonly #awaited = new Set<string>();
  #isNewLink = true;

  get streams(): readonly string[] {
    return this.#awaited.size === 0 ? this.#roster : [...this.#roster, ...this.#awaited];
  }

  get awaited(): readonly string[] {
    return [...this.#awaited];
  }

  /** The next roster comes by another link, perhaps from a host that has just started. */
  onNewLink(): void {
    this.#isNewLink = true;
  }

  /** Whoever this link has listed and lists no more has left: the host has seen it. */
  take(roster: readonly string[]): void {
    if (this.#isNewLink) for (const name of this.#roster) this.#awaited.add(name);
    this.#isNewLink = false;
    this.#roster = roster;
    for (const name of roster) this.#awaited.delete(name);
  }

  /** Those who are still awaited have left. */
  giveUp(): void {
    this.#awaited.clear();
  }
}
