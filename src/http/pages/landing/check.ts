/** Tries ws and wss at an address, and says what it found: a page over https may open wss only, and learns 1006. */
import type { HostFacts } from '../../shapes';
import { byId, make, setText } from '../dom';
import { here, http, isSecure } from './place';

/** Milliseconds for a WebSocket to open. */
const PATIENCE = 5_000;

const SECURE =
  'This page was loaded over https. A Testbed page loaded over https can connect as well, if its browser trusts the certificate for the address above.';
const PLAIN =
  'A page loaded over https can only open wss. This host was reached over http, so its port has no TLS, and a Testbed loaded over https fails with 1006. For development start it with TLS=self-signed; otherwise set TLS_CERT and TLS_KEY, or put a proxy with TLS in front of it.';

/**
 * @param address the one to try
 * @param facts what the host has said
 */
export function offerCheck(address: () => string, facts: () => HostFacts | undefined): void {
  const check = byId('check', HTMLButtonElement);
  const list = byId('checked', HTMLElement);
  setText(byId('secure-note', HTMLElement), isSecure ? SECURE : PLAIN);
  const show = (state: string, text: string) => list.append(make('li', { 'data-state': state }, text));
  check.addEventListener('click', async () => {
    const tried = address();
    check.disabled = true;
    list.replaceChildren();
    const { refusesPage: refused, restrictsPages } = facts() ?? {};
    if (refused !== undefined) show('bad', `This page cannot try it: ${refused}`);
    else if (tried.startsWith('[')) show('warn', 'This page cannot try IPv6 addresses.');
    else {
      const [plain, secure] = await Promise.all([
        isSecure ? undefined : opens('ws', tried),
        opens('wss', tried),
      ]);
      const isUnknown = restrictsPages && tried !== here && !plain && !secure;
      if (isUnknown) show('warn', notOwn(tried));
      else {
        show(...plainResult(plain, tried));
        show(...secureResult(secure, tried));
      }
    }
    check.disabled = false;
    check.focus();
  });
}

/** Whether a WebSocket opens. It names no room, so that it joins none. */
function opens(scheme: 'ws' | 'wss', address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${scheme}://${address}`);
    const timer = setTimeout(() => socket.close(), PATIENCE);
    socket.onopen = () => {
      resolve(true);
      socket.close();
    };
    socket.onclose = () => {
      clearTimeout(timer);
      resolve(false);
    };
  });
}

function notOwn(address: string): string {
  return `This page cannot try ${address}: ALLOWED_ORIGINS lets it connect at ${here} only. Open ${http}://${address}/ and check there.`;
}

function plainResult(works: boolean | undefined, address: string): [state: string, text: string] {
  if (works === undefined)
    return ['warn', 'ws: not tried. A page over https may not open it, and nor may the Testbed over https.'];
  return works
    ? ['good', `ws works at ${address}: a Testbed page over http can connect.`]
    : ['bad', `ws fails at ${address}: no Testbed page over http can connect. Is the address right?`];
}

function secureResult(works: boolean, address: string): [state: string, text: string] {
  if (works) return ['good', `wss works at ${address}: a Testbed page over https can connect.`];
  const why = isSecure
    ? `The certificate is for another name, or not trusted. Open https://${address}/ in a new tab: it says what is wrong.`
    : 'There is no TLS at this port.';
  return ['bad', `wss fails at ${address}: no Testbed page over https can connect. ${why}`];
}
