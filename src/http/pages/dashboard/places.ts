/** On a phone the rooms come first, for the keyboard and for readers too. */
import { byId } from '../dom';

const PHONE = '(max-width: 40rem)';

export function keepRoomsFirst(): void {
  const overview = byId('overview', HTMLElement);
  const rooms = byId('rooms-card', HTMLElement);
  const usual = byId('feed-card', HTMLElement);
  const phone = matchMedia(PHONE);
  const place = () => overview.insertBefore(rooms, phone.matches ? overview.firstChild : usual);
  phone.addEventListener('change', place);
  place();
}
