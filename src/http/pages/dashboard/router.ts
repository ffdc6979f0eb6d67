/** Which view is shown, by the page's address. */
import { byId } from '../dom';
import { OVERVIEW, roomOf } from './address';

const overview = byId('overview', HTMLElement);
const roomView = byId('room-view', HTMLElement);

/** @param onTurn told of each view, the first included: of a room, or of all */
export function followAddress(onTurn: (room: string | undefined) => void): void {
  const turn = () => {
    const room = roomOf(location);
    overview.hidden = room !== undefined;
    roomView.hidden = room === undefined;
    document.title = `${room ?? 'Dashboard'} · Conference host`;
    onTurn(room);
  };
  const turnAndFocus = () => {
    turn();
    byId(overview.hidden ? 'room-name' : 'rooms-title', HTMLElement).focus({ preventScroll: true });
  };
  holdLinks();
  for (const id of ['home', 'all-rooms']) byId(id, HTMLAnchorElement).href = OVERVIEW;
  addEventListener('popstate', turnAndFocus);
  document.addEventListener('click', (event) => {
    const address = addressIn(event);
    if (address === undefined) return;
    event.preventDefault();
    history.pushState(null, '', address);
    turnAndFocus();
    scrollTo(0, 0);
  });
  turn();
}

/** The view that a plain click on a link leads to. With a modifier the browser opens it in a tab of its own. */
function addressIn({ target, button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): string | undefined {
  if (button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return undefined;
  const link = target instanceof Element ? target.closest('a') : null;
  if (link === null) return undefined;
  return link.href === OVERVIEW || roomOf(new URL(link.href)) !== undefined ? link.href : undefined;
}

/** Relative links would be of another address after the first turn. */
function holdLinks(): void {
  for (const link of document.querySelectorAll('link')) link.setAttribute('href', link.href);
  for (const image of document.querySelectorAll('img')) image.setAttribute('src', image.src);
}
