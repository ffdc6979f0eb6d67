import { isGuessable } from '../../src/settings/guessable';
import { resolveOptions } from '../../src/settings/resolve';
import { ADMIN_TOKEN } from '../helpers/http';
import { complaint, settingsOf } from '../helpers/settings';
import { SECRET } from '../helpers/tokens';

describe('easy to guess', () => {
  test.each([
    ['one character', 'aaaaaaaaaaaaaaaa'],
    ['a few characters', '0110100110010110'],
    ['the digits and letters in a row', '0123456789abcdef'],
    ['them backwards', 'fedcba9876543210'],
    ['each of them twice', '00112233445566778899aabbccddeeff'],
    ['each of them behind a zero', '000102030405060708090a0b0c0d0e0f'],
    ['letters and digits in turns', 'a1b2c3d4e5f6g7h8'],
    ['rows of the keyboard', 'qwertyuiopasdfgh'],
    ['two rows in turns', '1q2w3e4r5t6y7u8i'],
    ['columns of the keyboard', 'zaq12wsxcde34rfv'],
    ['one short pattern, repeated', 'a9f3a9f3a9f3a9f3'],
    ['a word, repeated', 'changemechangeme'],
    ['another', 'adminadminadminadmin'],
    ['another', 'passwordpassword'],
    ['a word that nobody lists, repeated', 'hush-hush-hush-hush-hush-hush-32'],
    ['a word in disguise', 'P4ssw0rd-P@ssw0rd'],
    ['a word and a run', 'admin-1234567890'],
    ['what the program is called', 'conference-host-token'],
    ['that and a little', 'conference-host-x7kq2'],
    ['a company that everybody works for, and a year', 'company-admin-2024'],
    ['a sentence', 'ThisIsMyAdminToken'],
    ['what documents show', 'your-256-bit-secret'],
    ['what documents show', 'a-string-secret-at-least-256-bits-long'],
    ['what documents show', 'replace-me-with-a-token'],
    ['words of hexadecimal digits', 'deadbeefcafebabe'],
    ['the passphrase of the cartoon', 'correct-horse-battery-staple'],
    ['no letter at all', '--..--..~~++//--..'],
    ['four different characters, however mixed', 'kvkqqvxxkxxqkqvvxkkxqk'],
    ['six characters beside words', 'admin-vzkxqw-conference'],
    ['three characters beside every second letter', 'axbxcxdxexfxg2hg'],
    ['a row in capital letters', 'QWERTYUIOPASDFGH'],
    ['words of four letters, however many', 'dead-face-host-feed-test-room-cafe-user-beef'],
    ['runs of three characters', 'stu-xyz-zxc-qwe-mno-hij'],
    ['256 easy characters and a hard end', `${'password'.repeat(32)}${ADMIN_TOKEN}`],
  ])('%s: %s', (_what, text) => {
    expect(isGuessable(text)).toBe(true);
  });

  test('a whole page of it', () => {
    expect(isGuessable('secret token '.repeat(5_000))).toBe(true);
  });
});

describe('hard to guess', () => {
  test.each([
    ['the token of these tests', ADMIN_TOKEN],
    ['the secret of these tests', SECRET],
    ['words that nobody lists', 'purple-tractor-lantern'],
    ['eight words of three letters, each of which may be chance', 'bar-dev-bee-qux-baz-foo-jwt-pwd'],
    ['pairs in a row, which are chance', 'admin-abqtuqvwq'],
    ['five different characters', 'zzzvkqqzkqxqqkvkzkzzxz'],
    ['seven characters beside words', 'password-z9xzj2g-token'],
    ['four characters beside every second letter', 'avb2c2d2e2f2gzh2'],
    ['a prefix that says what it is for', 'conference-host-admin-9f2c81d07be4'],
    ['a name and a year that are not in every list', 'Kirschbaum1987Odenwald'],
  ])('%s: %s', (_what, text) => {
    expect(isGuessable(text)).toBe(false);
  });
});

describe('a token or a secret that is easy to guess', () => {
  test('is refused with a command that makes a better one, and not shown', () => {
    expect(complaint({ ADMIN_TOKEN: 'passwordpassword' })).toBe(
      'ADMIN_TOKEN=(16 bytes) is not valid: it takes a token of at least 16 letters, digits and -._~+/ ' +
        'that is hard to guess (openssl rand -hex 16 makes one)',
    );
    expect(complaint({ JWT_SECRET: 'changeme'.repeat(4) })).toBe(
      'JWT_SECRET=(32 bytes) is not valid: it takes a secret of at least 32 bytes ' +
        'that is hard to guess (openssl rand -base64 32 makes one)',
    );
  });

  test('is refused in the options of an embedding program too', () => {
    expect(() => resolveOptions({ adminToken: 'passwordpassword' })).toThrow('openssl rand -hex 16');
    expect(() => resolveOptions({ jwtSecret: 'changeme'.repeat(4) })).toThrow('openssl rand -base64 32');
  });

  test('is not what the tests use', () => {
    expect(settingsOf({ ADMIN_TOKEN, JWT_SECRET: SECRET })).toMatchObject({ adminToken: ADMIN_TOKEN });
  });
});
