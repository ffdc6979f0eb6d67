/** This host's addresses as the browser reached it, ready to copy. */
import { byId, setText } from '../dom';

/** Milliseconds that a button shows that it has copied. */
const COPIED_FOR = 2_000;

/** @returns the WebSocket address: the page's own host and path, with TLS if the page has it */
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

/** Browsers offer a clipboard only over TLS or on localhost. */
async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
