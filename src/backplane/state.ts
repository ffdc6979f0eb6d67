/**
 * The state that people see: entered once, told once, with its reason. A link that is live may still have concerns,
 * such as a Redis that evicts keys: then the node is degraded, with that reason.
 */
import type { BackplaneState } from '../conference/backplane-status';
import type { Logger } from '../logging/events';
import { explain, type Problem } from './problems';

/** What may be wrong although the link is live. */
export type Concern = 'eviction' | 'format' | 'addresses' | 'digests';

export class State {
  readonly #logger: Logger;
  readonly #onChange: () => void;
  /** How the link stands. */
  #link: BackplaneState = 'connecting';
  #linkWhy: string | undefined;
  readonly #concerns = new Map<Concern, string>();
  #shown: BackplaneState = 'connecting';
  #shownWhy: string | undefined;
  #since = Date.now();
  #linkSince = Date.now();

  constructor(logger: Logger, onChange: () => void) {
    this.#logger = logger;
    this.#onChange = onChange;
  }

  get facts(): { state: BackplaneState; since: number; why: string | undefined } {
    return { state: this.#shown, since: this.#since, why: this.#shownWhy };
  }

  live(): void {
    const seconds = Math.round((Date.now() - this.#linkSince) / 100) / 10;
    if (this.#link === 'degraded')
      this.#logger.info({ seconds }, 'rooms are shared with the other nodes again');
    else this.#logger.info({}, 'rooms are shared with the other nodes');
    this.#enter('live', undefined);
  }

  /** Said once for each reason; the state lasts until it is live again. */
  degraded(error: Error): void {
    const { why, remedy } = explain(error);
    const said = inWords({ why, remedy });
    if (this.#link === 'degraded' && said === this.#linkWhy) return;
    if (remedy === undefined)
      this.#logger.warn({ why }, 'rooms are not shared with the other nodes: retrying');
    else this.#logger.error({ why, remedy }, 'rooms are not shared with the other nodes: retrying');
    this.#enter('degraded', said);
  }

  /** Said once for each reason, and once when it is over. */
  concern(concern: Concern, problem: Problem | undefined): void {
    const said = problem === undefined ? undefined : inWords(problem);
    if (this.#concerns.get(concern) === said) return;
    if (problem === undefined || said === undefined) {
      this.#concerns.delete(concern);
      this.#logger.info({ concern }, 'rooms are shared completely again');
    } else {
      this.#concerns.set(concern, said);
      this.#logger.error({ concern, ...problem }, 'rooms may be shared incompletely');
    }
    this.#show();
  }

  stopped(): void {
    this.#enter('stopped', undefined);
  }

  #enter(link: BackplaneState, why: string | undefined): void {
    if (link !== this.#link) this.#linkSince = Date.now();
    this.#link = link;
    this.#linkWhy = why;
    this.#show();
  }

  #show(): void {
    const isConcerned = this.#link === 'live' && this.#concerns.size > 0;
    const shown = isConcerned ? 'degraded' : this.#link;
    const why = isConcerned ? [...this.#concerns.values()].join('; ') : this.#linkWhy;
    if (shown === this.#shown && why === this.#shownWhy) return;
    if (shown !== this.#shown) this.#since = Date.now();
    this.#shown = shown;
    this.#shownWhy = why;
    this.#onChange();
  }
}

function inWords({ why, remedy }: Problem): string {
  return remedy === undefined ? why : `${why} (${remedy})`;
}
