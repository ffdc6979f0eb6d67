/** The port by which nodes ask each other. A node that is alone has none. */

export interface Questions {
  /** Whether there is a way to the others. */
  readonly isLinked: boolean;
  /**
   * Asks other nodes, by the names that `Backplane.status` gives them. Never rejects.
   * @param within milliseconds to wait for those that have not answered
   * @returns what each has answered: those that did not in time are left out
   */
  ask(nodes: readonly string[], question: string, within: number): Promise<ReadonlyMap<string, string>>;
  /** Done when the others can be asked, and this node can, or when that has failed for the first time. */
  start(): Promise<void>;
  /** @param answer answers what other nodes ask; undefined where it is no question of ours */
  onQuestion(answer: (question: string) => string | undefined): void;
  stop(): void;
}
