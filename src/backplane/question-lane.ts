/** One way for questions between nodes: channels of their own on one Redis, over connections of their own. */
import type { Clock } from '../clock';
import type { Connect } from './connection';
import { Link } from './link';
import { toError } from './problems';
import { TELL } from './scripts';
import type { Timing } from './timing';

export interface LaneParts {
  readonly connect: Connect;
  readonly clock: Clock;
  readonly timing: Timing;
  /** What all its channels begin with. */
  readonly stem: string;
  readonly self: string;
  readonly onQuestion: (text: string) => void;
  readonly onAnswer: (text: string) => void;
  /** The link has failed, or something could not be said. */
  readonly onFailure: (why: Error) => void;
}

export class QuestionLane {
  readonly #parts: LaneParts;
  readonly #link: Link;
  /** All nodes hear every question. */
  readonly #questions: string;
  /** It is live, or has failed for the first time. */
  #tellOutcome: () => void = () => {};

  constructor(parts: LaneParts) {
    const { connect, clock, timing, self, onFailure } = parts;
    this.#parts = parts;
    this.#questions = `${parts.stem}:q`;
    this.#link = new Link({
      ...{ connect, clock, timing, random: Math.random },
      onMessage: (channel, text) => this.#linkOnMessage(channel, text),
      sync: (connection) => connection.subscribe([this.#questions, this.#answersTo(self)]),
      onLive: () => this.#tellOutcome(),
      onDown: (why) => {
        onFailure(why);
        this.#tellOutcome();
      },
    });
  }

  get isLive(): boolean {
    return this.#link.isLive;
  }

  /** Done when it is live or has failed for the first time, or soon anyway. */
  start(): Promise<void> {
    const { clock, timing } = this.#parts;
    void this.#link.run();
    return new Promise((resolve) => {
      const cancel = clock.schedule(resolve, timing.start);
      this.#tellOutcome = () => {
        cancel();
        resolve();
      };
    });
  }

  stop(): void {
    this.#tellOutcome();
    this.#link.stop();
  }

  ask(text: string): void {
    this.#tell(this.#questions, text);
  }

  answer(node: string, text: string): void {
    this.#tell(this.#answersTo(node), text);
  }

  #answersTo(node: string): string {
    return `${this.#parts.stem}:a.${node}`;
  }

  #tell(channel: string, text: string): void {
    const told = this.#link.connection?.run(TELL, [channel], [text]);
    told?.catch((error) => this.#parts.onFailure(toError(error)));
  }

  #linkOnMessage(channel: string, text: string): void {
    if (channel === this.#questions) this.#parts.onQuestion(text);
    else this.#parts.onAnswer(text);
  }
}
