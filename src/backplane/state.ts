/** The state that people see: entered once, told once, with its reason. */
import type { BackplaneState } from '../conference/backplane-status';
import type { Logger } from '../logging/events';
import { explain } from './problems';

export class State {
  readonly #logger: Logger;
  readonly #onChange: () => void;
  #name: BackplaneState = 'connecting';
  #since = Date.now();
  #why: string | undefined;

  constructor(logger: Logger, onChange: () => void) {
    this.#logger = logger;
    this.#onChange = onChange;
  }

  get facts(): { state: BackplaneState; since: number; why: string | undefined } {
    return { state: this.#name, since: this.#since, why: this.#why };
  }

  live(): void {
    const seconds = Math.round((Date.now() - this.#since) / 100) / 10;
    if (this.#name === 'degraded')
      this.#logger.info({ seconds }, 'rooms are shared with the other nodes again');
    else this.#logger.info({}, 'rooms are shared with the other nodes');
    this.#enter('live', undefined);
  }

  /** Said once for each reason; the state lasts until it is live again. */
  degraded(error: Error): void {
    const { why, remedy } = explain(error);
    const said = remedy === undefined ? why : `${why} (${remedy})`;
    if (this.#name === 'degraded' && said === this.#why) return;
    if (remedy === undefined)
      this.#logger.warn({ why }, 'rooms are not shared with the other nodes: retrying');
    else this.#logger.error({ why, remedy }, 'rooms are not shared with the other nodes: retrying');
    this.#enter('degraded', said);
  }

  stopped(): void {
    this.#enter('stopped', undefined);
  }

  #enter(name: BackplaneState, why: string | undefined): void {
    if (name !== this.#name) this.#since = Date.now();
    this.#name = name;
    this.#why = why;
    this.#onChange();
  }
}
