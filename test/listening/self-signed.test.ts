/** `TLS=self-signed`: the certificate that the host makes for development, on a real machine, and as OpenSSL sees it. */
import { X509Certificate } from 'node:crypto';
import { chmodSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConferenceHost, SettingsError } from '../../src/index';
import { filesIn, isUsable, readKept } from '../../src/listening/self-signed/kept';
import { findRoot } from '../../src/listening/self-signed/mkcert-root';
import { machineNames } from '../../src/listening/self-signed/names';
import { SelfSigned, type SelfSignedFacts } from '../../src/listening/self-signed/self-signed';
import { makeCertificate, makeMkcertRoot, openssl, RSA_KEY, temporaryFolder } from '../helpers/certificates';
import { joinTarget, startHost } from '../helpers/host';
import { TestLog } from '../helpers/log';
import { HostProcess } from '../helpers/process';
import { describeWith } from '../helpers/programs';

const DAY = 86_400_000;
const { needed } = machineNames({ host: '127.0.0.1' });

async function start(stateDir: string, caroot: string) {
  const log = new TestLog();
  const started = await startHost({ tls: 'self-signed', stateDir, caroot, logger: log.logger });
  return {
    ...started,
    log,
    made: await log.line('TLS=self-signed has made this certificate, FOR DEVELOPMENT ONLY'),
  };
}

/** Joins over wss as a client does that trusts this certificate, and nothing else. */
async function joinTrusting(file: string, { open }: Awaited<ReturnType<typeof start>>): Promise<void> {
  const options = { ca: readFileSync(file), rejectUnauthorized: true };
  await open(joinTarget('room', 'anna'), [], options).until('anna');
}

describeWith('openssl', 'a certificate for development', () => {
  const [stateDir, nowhere] = [join(temporaryFolder(), 'new', 'state'), temporaryFolder()];
  const files = filesIn(stateDir);

  test('is made at the first start, for the names and addresses of this machine', async () => {
    const host = await start(stateDir, nowhere);
    await joinTrusting(files.certificate, host);
    const certificate = new X509Certificate(readFileSync(files.certificate));
    expect(host.made).toMatchObject({
      level: 40,
      sha256: certificate.fingerprint256,
      file: files.certificate,
    });
    const lifetime = Date.parse(certificate.validTo) - Date.parse(certificate.validFrom);
    expect(lifetime).toBeLessThanOrEqual(397 * DAY);
    for (const name of needed) {
      const isAddress = /^[\d.]+$|:/.test(name);
      openssl(
        ...[
          'verify',
          '-x509_strict',
          '-purpose',
          'sslserver',
          isAddress ? '-verify_ip' : '-verify_hostname',
          name,
        ],
        ...['-CAfile', files.certificate, files.certificate],
      );
    }
    const text = openssl('x509', '-in', files.certificate, '-noout', '-text');
    for (const part of [/CA:FALSE/, /TLS Web Server Authentication/, /DNS:localhost/])
      expect(text).toMatch(part);
  });

  test('is kept, with a key that nobody else can read', async () => {
    const before = readFileSync(files.both);
    expect(statSync(files.both).mode & 0o777).toBe(0o600);
    expect(statSync(stateDir).mode & 0o777).toBe(0o700);
    expect(readFileSync(files.certificate, 'utf8')).not.toMatch('PRIVATE');
    const host = await start(stateDir, nowhere);
    expect(readFileSync(files.both)).toEqual(before);
    expect(host.log.text).toMatch('run mkcert -install');
    expect(host.log.text).not.toMatch('PRIVATE');
  });

  test('is made anew while the host runs when this machine gets another address', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
    try {
      const names = [...needed];
      let tell = (_names: string) => {};
      const change = () => new Promise<string>((resolve) => (tell = resolve));
      const selfSigned = new SelfSigned(
        { host: undefined, stateDir, caroot: nowhere },
        (facts) => tell((facts as SelfSignedFacts).names),
        () => ({ needed: names, welcome: [] }),
      );
      const first = change();
      await selfSigned.start();
      expect(await first).not.toMatch('192.168.77.5');
      names.push('192.168.77.5');
      const second = change();
      jest.advanceTimersByTime(10_000);
      expect(await second).toMatch('192.168.77.5');
      selfSigned.stop();
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  test('is signed by the root of mkcert once that is there', async () => {
    const caroot = temporaryFolder();
    const root = makeMkcertRoot(caroot);
    const before = new X509Certificate(readFileSync(files.certificate)).fingerprint256;
    const host = await start(stateDir, caroot);
    await joinTrusting(root.cert, host);
    expect(host.made.sha256).not.toBe(before);
    expect(host.log.text).toMatch(`a phone does once ${root.cert} is installed there`);
    openssl(
      ...['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'localhost'],
      ...['-CAfile', root.cert, files.certificate],
    );
  });

  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');

  test.each([
    ['ENOTDIR', join(file, 'below')],
    ['ENOENT', '/proc/nowhere'],
  ])('that cannot be kept (%s) ends the process with code 2 and one line', async (code, folder) => {
    const env = { TLS: 'self-signed', STATE_DIR: folder, CAROOT: nowhere, PORT: '0' };
    const exit = await new HostProcess(env).exit;
    expect(exit.code).toBe(2);
    expect(exit.stderr).toMatch(
      new RegExp(`^conference-host: STATE_DIR=${folder} cannot be used: ${code}.*\n$`),
    );
  });

  test('is none where there is a certificate already', () => {
    const both = { tls: 'self-signed', tlsCert: 'a.pem', tlsKey: 'b.pem' } as const;
    expect(() => createConferenceHost(both)).toThrow(SettingsError);
  });

  describe('that is kept is made anew', () => {
    const root = makeMkcertRoot();
    const other = makeCertificate('other');

    /** What is kept in a folder after somebody has put files there. */
    function kept(text: string, mode = 0o600) {
      const folder = temporaryFolder();
      writeFileSync(filesIn(folder).both, text, { mode });
      chmodSync(filesIn(folder).both, mode);
      return readKept(filesIn(folder));
    }
    const textOf = (...paths: string[]) => paths.map((path) => readFileSync(path, 'utf8')).join('');
    const names = ['localhost', '127.0.0.1'];

    test.each<[string, () => Promise<X509Certificate | undefined>]>([
      ['it is not there', () => readKept(filesIn(nowhere))],
      ['it is garbage', () => kept('garbage')],
      ['its key is missing', () => kept(textOf(other.cert))],
      ['its key is of another one', () => kept(textOf(root.key, other.cert))],
      ['others can read its key', () => kept(textOf(other.key, other.cert), 0o640)],
    ])('if %s', async (_why, read) => {
      expect(await read()).toBeUndefined();
    });

    test('if it expires within days, lacks a name, or another has signed it than should', async () => {
      const valid = makeCertificate('valid', temporaryFolder(), { days: 30 });
      const [certificate, short] = await Promise.all(
        [valid, other].map(({ key, cert }) => kept(textOf(key, cert))),
      );
      if (certificate === undefined || short === undefined) throw new Error('they are not kept');
      expect(isUsable(certificate, names, undefined)).toBe(true);
      expect(isUsable(short, names, undefined)).toBe(false);
      expect(isUsable(certificate, [...names, '192.168.1.5'], undefined)).toBe(false);
      expect(isUsable(certificate, [...names, 'desk.local'], undefined)).toBe(false);
      const found = await findRoot(join(root.cert, '..'));
      if (typeof found === 'string') throw new Error(found);
      expect(isUsable(certificate, names, found)).toBe(false);
      const signed = makeCertificate('signed', temporaryFolder(), { days: 30, issuer: root });
      const bySigned = await kept(textOf(signed.key, signed.cert));
      if (bySigned === undefined) throw new Error('it is not kept');
      expect([isUsable(bySigned, names, found), isUsable(bySigned, names, undefined)]).toEqual([true, false]);
    });
  });

  describe('is not signed by a root of mkcert', () => {
    const root = makeMkcertRoot();
    const short = makeCertificate('short');
    const ending = makeCertificate('ending', temporaryFolder(), { newKey: RSA_KEY });

    test.each<[string, string | undefined, string | undefined, RegExp]>([
      ['that is not there', undefined, undefined, /has no root in/],
      ['without its key', root.cert, undefined, /has no root in/],
      ['that is garbage', root.key, root.key, /root in .*: /],
      ['with another key', root.cert, short.key, /do not match/],
      ['with a key that is not RSA', short.cert, short.key, /not RSA/],
      ['that is about to expire', ending.cert, ending.key, /about to/],
    ])('%s', async (_what, cert, key, why) => {
      const folder = temporaryFolder();
      if (cert !== undefined) copyFileSync(cert, join(folder, 'rootCA.pem'));
      if (key !== undefined) copyFileSync(key, join(folder, 'rootCA-key.pem'));
      expect(await findRoot(folder)).toMatch(why);
    });
  });

  test.each<[string, string, string[]]>([
    ['desk', '0.0.0.0', ['localhost', 'desk', 'desk.local', '127.0.0.1', '::1']],
    ['Mac.local', '0.0.0.0', ['localhost', 'mac.local', 'mac', '127.0.0.1', '::1']],
    ['pc.example.org', 'meet.example', ['localhost', 'pc.example.org', 'pc', 'pc.local', 'meet.example']],
    ['no name!', 'fe80::1%eth0', ['localhost', '127.0.0.1', '::1']],
  ])('a machine called %s that listens on %s has these names', (machine, host, names) => {
    expect(machineNames({ host }, machine).needed).toEqual(expect.arrayContaining(names));
    expect(machineNames({ host }, machine).needed.join()).not.toMatch(/[!%]|local\.local|0\.0\.0\.0/);
  });
});
