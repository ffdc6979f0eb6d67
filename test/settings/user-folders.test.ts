/** Where things are kept for a user, if nobody says so: by the XDG Base Directory Specification. */
import { settingsOf } from '../helpers/settings';

const XDG = { XDG_STATE_HOME: '/xdg/state', XDG_DATA_HOME: '/xdg/data' };

test.each<[Record<string, string>, string | undefined, string | undefined]>([
  [{}, undefined, undefined],
  [XDG, '/xdg/state/conference-host', '/xdg/data/mkcert'],
  [{ ...XDG, STATE_DIR: '/mine', CAROOT: '/roots' }, '/mine', '/roots'],
  [{ XDG_STATE_HOME: 'relative', XDG_DATA_HOME: '' }, undefined, undefined],
])('with %j', (env, stateDir, caroot) => {
  expect(settingsOf({ ...env, TLS: 'self-signed' })).toMatchObject({ stateDir, caroot });
});

test('a flag wins over what the environment says', () => {
  expect(settingsOf(XDG, ['--state-dir', '/mine'])).toMatchObject({ stateDir: '/mine' });
});
