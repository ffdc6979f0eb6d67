/** A setting that guards a door, and is given without a value: a variable that was never filled in. */
import { resolveOptions } from '../../src/settings/resolve';
import { flagOf, type Setting, settingsTable } from '../../src/settings/table';
import { complaint, settingsOf } from '../helpers/settings';

const settings = Object.entries<Setting<unknown>>(settingsTable);
const GUARDS = settings.filter(([, { guards }]) => guards !== undefined);
const OTHERS = settings.filter(([, { guards }]) => guards === undefined);
const BLANKS = ['', ' ', '\t \n'];

/** As a table that jest shows the names of. */
const rows = (entries: typeof settings) =>
  entries.map(([name, setting]) => [setting.variable, setting, name] as const);

describe('an empty value', () => {
  test('are a mistake where they guard a door: these', () => {
    expect(GUARDS.map(([, { variable }]) => variable)).toEqual(
      expect.arrayContaining([
        ...['HOST', 'ADMIN_TOKEN', 'TRUST_PROXY', 'TLS_CERT', 'TLS_KEY', 'SSL', 'ALLOWED_ORIGINS'],
        ...['JWT_SECRET', 'JWT_JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE', 'AUTH_URL'],
      ]),
    );
  });

  test('every secret setting, and every setting about tokens, guards a door', () => {
    const unguarded = OTHERS.filter(
      ([, { secret, variable }]) => secret || /JWT|AUTH|TOKEN|TLS/.test(variable),
    );
    // Where rooms are shared is no door, nor is whoever is told of them: without a secret the host does not start.
    expect(unguarded.map(([, { variable }]) => variable)).toEqual([
      ...['WEBHOOK_URL', 'WEBHOOK_SIGNING_SECRET', 'WEBHOOK_SIGNING_SECRET_PREVIOUS', 'REDIS_URL'],
    ]);
  });

  test.each(rows(GUARDS))('%s says so', (variable, setting, name) => {
    for (const blank of BLANKS) {
      const [inVariable, inFlag, asOption] = [variable, flagOf(setting), name].map(
        (label) => `${label} is empty: give it a value, or remove it`,
      );
      expect(complaint({ [variable]: blank })).toMatch(inVariable ?? '');
      expect(complaint({}, [flagOf(setting), blank])).toMatch(inFlag ?? '');
      expect(() => resolveOptions({ [name]: blank })).toThrow(asOption);
    }
  });

  test.each(rows(GUARDS.filter(([, { secret }]) => secret)))(
    '%s_FILE says so as well',
    (variable, setting) => {
      expect(complaint({ [`${variable}_FILE`]: '' })).toMatch(
        `${variable}_FILE is empty: give it a value, or remove it`,
      );
      expect(complaint({}, [`${flagOf(setting)}-file`, ''])).toMatch(`${flagOf(setting)}-file is empty`);
    },
  );

  test.each(rows(OTHERS))('%s counts as unset', (variable) => {
    expect(settingsOf({ [variable]: '' })).toEqual(settingsOf({}));
  });

  test.each(rows(OTHERS))('%s as a flag or an option is told what it takes', (_variable, setting, name) => {
    expect(complaint({}, [flagOf(setting), ''])).toMatch(/ is not valid: it takes /);
    expect(() => resolveOptions({ [name]: '' })).toThrow(/ is not valid: it takes /);
  });

  test('an empty variable is ignored if its flag has a value', () => {
    expect(settingsOf({ HOST: '' }, ['--host', '127.0.0.1']).host).toBe('127.0.0.1');
  });

  test('an empty flag is an error even if its variable has a value', () => {
    expect(complaint({ AUTH_URL: 'https://backend' }, ['--auth-url', ''])).toBe(
      '--auth-url is empty: give it a value, or remove it',
    );
  });

  test('options that are missing or undefined count as unset', () => {
    expect(resolveOptions({ jwtSecret: undefined })).toEqual(resolveOptions({}));
  });
});
