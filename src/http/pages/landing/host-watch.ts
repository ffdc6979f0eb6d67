/** Asks the host how it is, again and again while the page is looked at, and says it in the header. */
import type { HostFacts } from '../../shapes';
import { byId, setText } from '../dom';
import { Countdown } from './countdown';
import { isSecure } from './place';
import { meaningOf, sentence } from './words';

/** Milliseconds between two questions while all is well. */
const CALM = 5_000;
/** Milliseconds between two questions to a host that is away: as long as it has been away, within these. */
const SHORTEST = 1_000;
const LONGEST = 10_000;
/** Milliseconds for an answer. */
const PATIENCE = 5_000;

const AWAY = 'The host does not answer: it has stopped, or this device has lost its network.';

/** What else lets in a page of the host's own. */
const OTHERWISE = isSecure
  ? 'If a proxy brings the TLS, setting TRUST_PROXY is enough.'
  : 'Or open this page at an IP address of the host.';

export class HostWatch {
  facts: HostFacts | undefined;
  readonly #chip = byId('status', HTMLElement);
  readonly #trouble = byId('trouble', HTMLElement);
  readonly #text = byId('trouble-text', HTMLElement);
  readonly #countdown = new Countdown(byId('trouble-wait', HTMLElement));
  readonly #onFacts: (facts: HostFacts, isBack: boolean) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: Promise<string | undefined> | undefined;
  /** When it did not answer for the first time, by `performance.now()`; undefined while it answers. */
  #awaySince: number | undefined;

  /** @param onFacts hears each answer, and whether the host was away before it */
  constructor(onFacts: (facts: HostFacts, isBack: boolean) => void) {
    this.#onFacts = onFacts;
    byId('look', HTMLButtonElement).addEventListener('click', () => void this.look());
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void this.look();
    });
    void this.look();
  }

  /** Asks now. @returns why a WebSocket would not open, as far as the host knows; undefined if it sees no reason */
  look(): Promise<string | undefined> {
    clearTimeout(this.#timer);
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<string | undefined> {
    const answer = await askHost();
    const wasAway = this.#awaySince !== undefined;
    this.#awaySince = typeof answer === 'string' ? (this.#awaySince ?? performance.now()) : undefined;
    const wait = this.#wait();
    this.#timer = setTimeout(() => {
      if (!document.hidden) void this.look();
    }, wait);
    if (typeof answer === 'string') {
      this.#show('bad', 'Unreachable', answer);
      this.#countdown.start('Retrying', wait);
      return answer;
    }
    this.facts = answer;
    const problem = problemOf(answer);
    this.#countdown.stop();
    this.#show(...stateOf(answer), problem);
    this.#onFacts(answer, wasAway);
    return problem ?? meaningOf(answer.refused ?? '');
  }

  #wait(): number {
    if (this.#awaySince === undefined) return CALM;
    return Math.min(LONGEST, Math.max(SHORTEST, performance.now() - this.#awaySince));
  }

  /** Hears that a WebSocket has opened, so the host is there. */
  opened(): void {
    if (this.#awaySince !== undefined) void this.look();
  }

  #show(state: string, chip: string, trouble: string | undefined): void {
    this.#chip.dataset.state = state;
    setText(this.#chip, chip);
    const isFocused = this.#trouble.contains(document.activeElement);
    this.#trouble.hidden = trouble === undefined;
    if (isFocused && this.#trouble.hidden) byId('both', HTMLElement).focus();
    setText(this.#text, trouble ?? '');
  }
}

/** The host's facts, for a page of this origin; or in words why there are none. */
export async function askHost(origin = location.origin): Promise<HostFacts | string> {
  const url = `pages/host.json?origin=${encodeURIComponent(origin)}`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
    if (response.ok) return await response.json();
    const isOurs = response.status === 429 || response.status === 503;
    const said = isOurs ? sentence((await response.text()).trim().slice(0, 200)) : '';
    return `The host, or a proxy in front of it, answers ${response.status}. ${said}`.trim();
  } catch {
    return AWAY;
  }
}

/** Why no WebSocket of this page can open. */
function problemOf({ ready, refusesPage }: HostFacts): string | undefined {
  if (!ready) return meaningOf('draining');
  return refusesPage === undefined ? undefined : `${sentence(refusesPage)} ${OTHERWISE}`;
}

function stateOf({ status, ready }: HostFacts): [state: string, chip: string] {
  if (!ready) return ['warn', 'Stopping'];
  return status === 'ok' ? ['good', 'Running'] : ['warn', 'Running, degraded'];
}
