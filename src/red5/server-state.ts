/** Whether the media server can be asked, from how the questions end. */

/**
 * Failures in a row until the server counts as unreachable. What fails again and again while others are
 * answered has a problem of its own: it counts once, and not at all where it was never answered.
 */
const MOST_FAILURES = 2;

/** How the last question about a subject ended; undefined before that. */
export type Outcome = 'answered' | 'failed' | undefined;

export class ServerState {
  readonly #onState: (problem: string | undefined) => void;
  /** Subjects whose last question was answered. */
  #answered = 0;
  #failures = 0;
  #problem: string | undefined;

  /** @param onState the server is unreachable, and why; undefined when it is reachable again */
  constructor(onState: (problem: string | undefined) => void) {
    this.#onState = onState;
  }

  /** Why the server is unreachable. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * A question has ended.
   * @param last how the one before about the same subject had
   * @param problem why it failed; undefined where it was answered
   * @returns whether a failure is, or may be, the server's, and not the subject's own
   */
  note(last: Outcome, problem: string | undefined): boolean {
    const mayBeServers = last === 'answered' || this.#answered === 0;
    this.forget(last);
    if (problem === undefined) {
      this.#answered++;
      this.#failures = 0;
      this.#change(undefined);
      return false;
    }
    if (mayBeServers) this.#failures++;
    if (this.#failures >= MOST_FAILURES || this.#problem !== undefined) this.#change(problem);
    return mayBeServers || this.#problem !== undefined;
  }

  /** A subject is asked about no more. */
  forget(last: Outcome): void {
    if (last === 'answered') this.#answered--;
  }

  #change(problem: string | undefined): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#onState(problem);
  }
}
