/** What the start page asks of its host. Open to everyone, so it says nothing that a client could not find out. */
import type { IncomingMessage } from 'node:http';
import { queryParameters } from '../conference/protocol';
import { isLimited, readAddress } from '../listening/networks';
import { isOwnName } from '../listening/own-names';
import { askedHost, isForwarded } from './arrival';
import { LastRefusals } from './last-refusals';
import type { App, HttpParts } from './parts';
import type { HostFacts, KnownAddress } from './shapes';

/** An origin that no page has, so that only `*` lets it in. */
const NO_ORIGIN = '';

export function addHostFacts(app: App, parts: HttpParts): void {
  const { health, ready, wants, checkPage, clientAddress, events } = parts;
  const refusals = new LastRefusals(events);
  app.get('/pages/host.json', (context) => {
    const { incoming } = context.env;
    const origin = queryParameters(incoming.url ?? '').get('origin') ?? '';
    const refusesPage = checkPage(incoming, origin)?.reason;
    const refused = refusals.of(clientAddress(incoming));
    const facts: HostFacts = {
      status: health().status,
      ready: ready(),
      wants,
      ...(refusesPage !== undefined && { refusesPage }),
      restrictsPages: checkPage(incoming, NO_ORIGIN) !== undefined,
      ...(refused !== undefined && { refused }),
      addresses: addressesFor(parts, incoming),
    };
    return context.json(facts, 200, { 'Cache-Control': 'no-store' });
  });
}

/**
 * The addresses of this machine's networks, for whoever is in one of them: a client that comes from there without a
 * proxy, and at a name that no other site can have.
 */
export function addressesFor(
  { addresses, clientAddress }: HttpParts,
  request: IncomingMessage,
): KnownAddress[] {
  const isNear = !isLimited(clientAddress(request)) && !isForwarded(request);
  return isNear && isDirect(request) ? addresses() : [];
}

/** Whether the client has asked for where it has arrived: not so with a container, whose addresses nobody else reaches. */
function isDirect(request: IncomingMessage): boolean {
  const hostname = askedHost(request);
  if (hostname === undefined) return false;
  const asked = readAddress(hostname.replace(/^\[|\]$/g, ''));
  const arrived = readAddress(request.socket.localAddress ?? '') ?? '';
  if (hostname === 'localhost') return arrived === '::1' || arrived.startsWith('127.');
  return asked === undefined ? isOwnName(hostname) : asked === arrived;
}
