/** What a host that checks its members wants of them: a token, or the login that the media server asks for. */
import type { HostFacts } from '../../shapes';
import { byId, setText } from '../dom';

const login = {
  username: byId('username', HTMLInputElement),
  password: byId('password', HTMLInputElement),
};
const token = byId('token', HTMLInputElement);

const SUMMARY = {
  nothing: 'With a token',
  token: 'This host asks for a token',
  login: 'This host asks for a login',
} as const satisfies Record<HostFacts['wants'], string>;

export const credentialFields: readonly HTMLInputElement[] = [login.username, login.password, token];

/** Whether one has filled in any. */
export function hasCredentials(): boolean {
  return credentialFields.some(({ value }) => value !== '');
}

export function givenToken(): string {
  return token.value;
}

/** The login as a query that others may follow: empty, or starting with `?`. @param withToken has the token as well */
export function credentialsQuery(withToken: boolean): string {
  const given = Object.entries(withToken ? { ...login, token } : login).filter(
    ([, { value }]) => value !== '',
  );
  const query = given.map(([name, { value }]) => `${name}=${encodeURIComponent(value)}`);
  return query.length === 0 ? '' : `?${query.join('&')}`;
}

/** Opens the fields that the host asks for. */
export function askFor(wants: HostFacts['wants']): void {
  setText(byId('credentials-summary', HTMLElement), SUMMARY[wants]);
  byId('login', HTMLElement).hidden = wants !== 'login';
  if (wants !== 'nothing' && !hasCredentials()) byId('credentials', HTMLDetailsElement).open = true;
}
