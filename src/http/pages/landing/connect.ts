/** What to put into the clients, for the address of this host that one chooses. */
import type { HostFacts, KnownAddress } from '../../shapes';
import { byId, make, setText } from '../dom';
import { credentialFields, credentialsQuery, hasCredentials } from './credentials';
import { askHost } from './host-watch';
import { here, http, isLoopback, isSecure, ws } from './place';
import { Value } from './value';
import { sentence } from './words';

const select = byId('address', HTMLSelectElement);
const testbedPage = byId('testbed-page', HTMLInputElement);
const note = byId('address-note', HTMLElement);

export class Connect {
  readonly #room: HTMLInputElement;
  readonly #page = new Value(
    'page',
    'This page, on a phone',
    'if it opens there, the phone reaches the host',
  );
  readonly #testbed = new Value('testbed', 'Testbed, in a browser', 'add it to the page’s address');
  readonly #android = new Value('android', 'Testbed for Android', 'a line for tests.xml, inside Properties');
  readonly #ios = new Value('ios', 'Testbed for iOS', 'a line for tests.plist, inside GlobalProperties');
  readonly #own = new Value('own', 'Your own client', 'its WebSocket address');
  /** Undefined until the host has said where it is. */
  #known: readonly KnownAddress[] | undefined;
  #wants: HostFacts['wants'] = 'nothing';
  /** Why the host refuses the Testbed's page; undefined if it does not, or while nobody knows. */
  #refusal: string | undefined;
  /** Whether somebody has chosen the address. */
  #isChosen = false;

  /** @param room the room that the page on a phone opens with */
  constructor(room: HTMLInputElement) {
    this.#room = room;
    const values = [this.#page, this.#testbed, this.#android, this.#ios, this.#own];
    byId('values', HTMLElement).append(...values.map(({ element }) => element));
    select.addEventListener('input', () => {
      this.#isChosen = true;
    });
    testbedPage.addEventListener('input', () => {
      this.#refusal = undefined;
    });
    testbedPage.addEventListener('change', () => void this.#askAboutTestbed());
    for (const field of [select, testbedPage, room, ...credentialFields])
      field.addEventListener('input', () => this.#show());
    this.#offer([{ host: here, network: '' }]);
  }

  /** The address that is chosen. */
  get address(): string {
    return select.value;
  }

  /** Where the host says that it is reached, and what it asks for. */
  know({ addresses, wants }: HostFacts): void {
    this.#wants = wants;
    this.#show();
    if (JSON.stringify(addresses) === JSON.stringify(this.#known)) return;
    this.#known = addresses;
    const others = addresses.filter(({ host }) => host !== here);
    this.#offer([{ host: here, network: '' }, ...others]);
  }

  /** Keeps what is chosen; at first, an address that other machines reach. */
  #offer(addresses: readonly KnownAddress[]): void {
    const chosen = this.#isChosen ? select.value : undefined;
    const options = addresses.map(({ host, network }) =>
      make('option', { value: host }, labelOf(host, network)),
    );
    select.replaceChildren(...options);
    const isThere = addresses.some(({ host }) => host === chosen);
    const [first] = isLoopback(here) ? addresses.filter(({ host }) => !isLoopback(host)) : addresses;
    select.value = (isThere ? chosen : first?.host) ?? here;
    this.#show();
  }

  #show(): void {
    const { address } = this;
    const url = `${http}://${address}`;
    const room = encodeURIComponent(this.#room.value);
    this.#page.show(`${url}/?room=${room}`);
    this.#testbed.show(`${this.#testbedBase() ?? ''}?socket=${address}${this.#credentials()}`);
    this.#android.show(`<conference_host>${url}</conference_host>`);
    this.#ios.show(`<key>conference_host</key><string>${url}</string>`);
    this.#own.show(`${ws}://${address}`);
    setText(note, this.#advice());
  }

  /** The Testbed puts its own query behind the address: so the credentials come first, and end with `&`. */
  #credentials(): string {
    const query = credentialsQuery(true);
    return query === '' ? '' : `/${encodeURIComponent(`${query}&`)}`;
  }

  async #askAboutTestbed(): Promise<void> {
    const base = this.#testbedBase();
    if (base === undefined) return;
    const facts = await askHost(new URL(base).origin);
    if (typeof facts === 'string' || base !== this.#testbedBase()) return;
    this.#refusal = facts.refusesPage;
    this.#show();
  }

  /** The Testbed's page without a query. */
  #testbedBase(): string | undefined {
    const text = testbedPage.value.trim();
    if (!/^https?:/i.test(text) || !URL.canParse(text)) return undefined;
    const { origin, pathname } = new URL(text);
    return `${origin}${pathname}`;
  }

  #advice(): string {
    const base = this.#testbedBase();
    if (testbedPage.value.trim() !== '' && base === undefined) {
      return 'Enter an address that starts with http:// or https://.';
    }
    if (base?.startsWith('https:') && !isSecure) {
      return 'That page is loaded over https, so it opens wss, and this port has no TLS: see step 3.';
    }
    if (this.#refusal !== undefined) return `That page cannot connect: ${sentence(this.#refusal)}`;
    if (this.#wants !== 'nothing' && !hasCredentials()) {
      return `This host asks for a ${this.#wants}: fill it in above, and the value for the Testbed includes it.`;
    }
    if (!isLoopback(this.address)) return '';
    const only = 'Only this computer reaches that address.';
    if (this.#known?.some(({ host }) => !isLoopback(host))) return `${only} For phones, choose another one.`;
    return this.#known?.length
      ? `${only} The host listens nowhere else: for phones, start it without HOST.`
      : `${only} For phones, open this page at this computer’s network address.`;
  }
}

function labelOf(host: string, network: string): string {
  if (isLoopback(host)) return `${host} (this computer only)`;
  if (network !== '') return `${host} (${network})`;
  return host;
}
