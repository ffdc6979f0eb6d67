/** The address of this host as the browser has found it, ready to be copied. */
import { byId, setText } from '../dom';

/** Milliseconds that a button says that it has copied. */
const COPIED_FOR = 2_000;

/** @returns the address of the WebSocket: by TLS where this page came by TLS, under the path where this page is */
export function showAddresses(): string {
  const { protocol, host, hostname, pathname } = location;
  const path = pathname.replace(/\/+$/, '');
  const secure = protocol === 'https:';
  const address = `${secure ? 'wss' : 'ws'}://${host}${path}`;
  const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  setText(byId('testbed', HTMLElement), `?socket=${host}${path}`);
  setText(byId('websocket', HTMLElement), address);
  byId('loopback', HTMLElement).hidden = !loopback;
  byId('insecure', HTMLElement).hidden = secure || loopback;
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
    button.addEventListener('click', () => copy(button));
  }
  return address;
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const source = byId(button.dataset.copy ?? '', HTMLElement);
  const done = (await toClipboard(source.textContent ?? '')) ? 'Copied' : 'Selected: press Ctrl+C';
  if (done !== 'Copied') getSelection()?.selectAllChildren(source);
  const [label] = button.childNodes;
  if (label === undefined) return;
  label.textContent = done;
  setText(byId('copied', HTMLElement), done);
  setTimeout(() => {
    label.textContent = 'Copy';
    setText(byId('copied', HTMLElement), '');
  }, COPIED_FOR);
}

/** Browsers have a clipboard only where the page came by TLS or from localhost. */
async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
