import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSecretFile } from '../../src/settings/secret-file';
import { flagOf, type Setting, settingsTable } from '../../src/settings/table';
import { temporaryFolder } from '../helpers/certificates';
import { ADMIN_TOKEN } from '../helpers/http';
import { complaint, settingsOf } from '../helpers/settings';
import { SECRET } from '../helpers/tokens';

const folder = temporaryFolder();

function fileWith(content: string | Buffer): string {
  const path = join(folder, `${files++}`);
  writeFileSync(path, content);
  return path;
}
let files = 0;

/** A good value of each setting that is secret. */
const VALUES: Readonly<Record<string, string>> = {
  adminToken: ADMIN_TOKEN,
  jwtSecret: SECRET,
  jwtJwksUrl: 'https://keys.example/jwks.json',
  authUrl: 'https://backend.example',
  joinUrl: 'https://app.example/may-join?tenant=7',
  webhookUrl: 'https://app.example/hooks',
  webhookSigningSecret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  webhookSigningSecretPrevious: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
  redisUrl: 'redis://user:hush@redis:6379',
};
/** What it needs beside it. */
const NEEDED: Readonly<Record<string, Record<string, string>>> = {
  jwtJwksUrl: { JWT_AUDIENCE: 'conference' },
  jwtSecretPrevious: { JWT_SECRET: `${SECRET}-now` },
  joinSecret: { JOIN_URL: 'https://app.example/may-join' },
  red5AccessToken: { RED5_URL: 'http://red5:5080' },
  streamManagerPassword: { STREAM_MANAGER_URL: 'https://sm.example', STREAM_MANAGER_USER: 'x' },
  webhookUrl: { WEBHOOK_SIGNING_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
  webhookSigningSecret: { WEBHOOK_URL: 'https://app.example/hooks' },
  webhookSigningSecretPrevious: {
    WEBHOOK_URL: 'https://app.example/hooks',
    WEBHOOK_SIGNING_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  },
  red5WebhookSecret: { STREAM_MANAGER_URL: 'https://sm.example' },
};
const SECRETS = Object.entries<Setting<unknown>>(settingsTable)
  .filter(([, { secret }]) => secret)
  .map(([name, setting]) => [setting.variable, setting, name] as const);

describe('a secret can come from a file', () => {
  test.each(SECRETS)('%s_FILE', (variable, setting, name) => {
    const value = VALUES[name] ?? SECRET;
    const needed = NEEDED[name] ?? {};
    const path = fileWith(`${value}\n`);
    for (const [env, argv] of [
      [{ [`${variable}_FILE`]: path }, []],
      [{}, [`${flagOf(setting)}-file`, path]],
      [{ [`${variable}_FILE`]: '/nowhere' }, [`${flagOf(setting)}-file`, path]],
    ] as const) {
      expect(settingsOf({ ...needed, ...env }, [...argv])).toMatchObject({ [name]: value });
    }
  });

  test('and no other setting has one', () => {
    expect(complaint({}, ['--port-file', fileWith('8001')])).toBe("unknown option '--port-file'");
    expect(settingsOf({ PORT_FILE: fileWith('9000') }).port).toBe(8001);
  });

  test.each([
    ['no newline', ADMIN_TOKEN],
    ['a newline', `${ADMIN_TOKEN}\n`],
    ['a newline of Windows', `${ADMIN_TOKEN}\r\n`],
    ['a byte order mark', `\ufeff${ADMIN_TOKEN}\n`],
  ])('with %s', (_what, content) => {
    expect(settingsOf({ ADMIN_TOKEN_FILE: fileWith(content) }).adminToken).toBe(ADMIN_TOKEN);
  });

  test('of which only the last newline is not its own', () => {
    const secret = `${SECRET}\nand more\n\n`;
    expect(settingsOf({ JWT_SECRET_FILE: fileWith(`${secret}\n`) }).jwtSecret).toBe(secret);
  });

  test('of 64 KiB', () => {
    const secret = SECRET.repeat(2_048);
    expect(settingsOf({ JWT_SECRET_FILE: fileWith(secret) }).jwtSecret).toBe(secret);
  });

  test('behind links, as Kubernetes renews them', () => {
    mkdirSync(join(folder, '..2026'));
    writeFileSync(join(folder, '..2026', 'admin-token'), ADMIN_TOKEN);
    symlinkSync('..2026', join(folder, '..data'));
    symlinkSync('..data/admin-token', join(folder, 'admin-token'));
    expect(settingsOf({ ADMIN_TOKEN_FILE: join(folder, 'admin-token') }).adminToken).toBe(ADMIN_TOKEN);
  });

  (process.platform === 'linux' ? test : test.skip)('which is closed again', () => {
    const openFiles = () => readdirSync('/proc/self/fd').length;
    const before = openFiles();
    for (const path of [fileWith(ADMIN_TOKEN), fileWith('')]) {
      for (let time = 0; time < 3; time++) readSecretFile(path);
    }
    expect(openFiles()).toBe(before);
  });

  test('and its variable may be empty if that counts as unset', () => {
    const redisUrl = 'redis://redis:6379';
    expect(settingsOf({ REDIS_URL: '', REDIS_URL_FILE: fileWith(redisUrl) })).toMatchObject({ redisUrl });
  });
});

describe('a secret file', () => {
  const loop = join(folder, 'loop');
  symlinkSync(loop, loop);

  test.each([
    ['that is not there', join(folder, 'missing'), 'there is no such file'],
    ['below a file', join(fileWith(''), 'below'), 'there is no such file'],
    ['that is a directory', folder, 'it is a directory'],
    ['whose symbolic links form a loop', loop, 'its symbolic links form a loop'],
    ['that never ends', '/dev/zero', 'it is not a regular file'],
    ['with nothing in it', fileWith(''), 'it is empty'],
    ['with a newline in it', fileWith('\n'), 'it is empty'],
    ['with white space in it', fileWith(' \n\t\n'), 'it is empty'],
    ['with more than 64 KiB', fileWith('hush'.repeat(16_384).concat('!')), 'it has more than 65536 bytes'],
    ['of bytes that are no text', fileWith(Buffer.from('ff686864', 'hex')), 'it is not UTF-8 text'],
    ['that Windows wrote', fileWith(Buffer.from('\ufeffhush', 'utf16le')), 'it is not UTF-8 text'],
    ['with a name that no file has', `${folder}/\0`, 'it cannot be read (ERR_INVALID_ARG_VALUE)'],
  ])('%s is a mistake', (_what, path, problem) => {
    expect(complaint({ ADMIN_TOKEN_FILE: path })).toBe(`ADMIN_TOKEN_FILE=${path} is not valid: ${problem}`);
    expect(complaint({}, ['--redis-url-file', path])).toBe(
      `--redis-url-file ${path} is not valid: ${problem}`,
    );
  });

  const isRoot = process.getuid?.() === 0;
  (isRoot ? test.skip : test)('that this user may not read is a mistake', () => {
    const path = fileWith(ADMIN_TOKEN);
    chmodSync(path, 0);
    expect(complaint({ ADMIN_TOKEN_FILE: path })).toMatch(/: this user has no permission to read it$/);
  });

  test('with a value that is not valid is an error, and the value is not shown', () => {
    const path = fileWith('hush hush\n');
    const said = complaint({ ADMIN_TOKEN_FILE: path });
    expect(said).toMatch(`ADMIN_TOKEN_FILE=${path}: (9 bytes) is not valid: it takes a token of at least 16`);
    expect(said).not.toMatch('hush');
  });

  test.each<[Record<string, string>, string[], string]>([
    [{ ADMIN_TOKEN, ADMIN_TOKEN_FILE: '/nowhere' }, [], 'ADMIN_TOKEN and ADMIN_TOKEN_FILE'],
    [{ ADMIN_TOKEN }, ['--admin-token-file', '/nowhere'], 'ADMIN_TOKEN and --admin-token-file'],
    [{ ADMIN_TOKEN_FILE: '/nowhere' }, ['--admin-token', ADMIN_TOKEN], '--admin-token and ADMIN_TOKEN_FILE'],
  ])('beside a value is a mistake, wherever the two stand: %#', (env, argv, both) => {
    expect(complaint(env, argv)).toBe(`${both} exclude each other: set one of them`);
  });

  test('and two of them that exclude each other are named by their variables', () => {
    const env = { JWT_SECRET_FILE: fileWith(SECRET), AUTH_URL_FILE: fileWith('https://backend.example') };
    expect(complaint(env)).toBe('JWT_SECRET and AUTH_URL exclude each other: set one of them');
  });
});
