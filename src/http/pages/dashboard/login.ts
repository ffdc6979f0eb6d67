/** Asks for the token. */
import { byId, setText } from '../dom';
import { hideState } from './state';
import { forgetToken, keepToken } from './token';

export const WRONG_TOKEN = 'This token is not valid for this host.';
export const NO_TOKEN = 'This host was started without ADMIN_TOKEN. Set one and restart it.';

const form = byId('login', HTMLFormElement);
const field = byId('token', HTMLInputElement);

form.addEventListener('submit', (event) => {
  event.preventDefault();
  keepToken(field.value.trim());
  location.reload();
});
byId('log-out', HTMLElement).addEventListener('click', () => {
  forgetToken();
  location.reload();
});

export function askForToken(problem: string): void {
  byId('content', HTMLElement).hidden = true;
  hideState();
  form.hidden = false;
  setText(byId('login-problem', HTMLElement), problem);
  field.focus();
}
