import { X509Certificate } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { ConferenceEvents, Events } from '../../src/events';
import { createConferenceHost, SettingsError } from '../../src/index';
import { TLS_LIMITS, TlsCertificate } from '../../src/listening/certificate';
import { doubtOf, isCut, readChain } from '../../src/listening/chain';
import { chainOf, makeCertificate, openssl, RSA_KEY, temporaryFolder } from '../helpers/certificates';
import { joinTarget, startHost } from '../helpers/host';
import { TestLog } from '../helpers/log';
import { ManualClock } from '../helpers/manual-clock';
import { HostProcess } from '../helpers/process';
import { describeWith } from '../helpers/programs';

describeWith('openssl', 'TLS', () => {
  const first = makeCertificate('first.example');
  const second = makeCertificate('second.example');

  /** A host whose certificate a test can replace. */
  async function startTlsHost(links = false) {
    const folder = temporaryFolder();
    const files = { cert: join(folder, 'fullchain.pem'), key: join(folder, 'privkey.pem') };
    const place = links ? symlinkSync : copyFileSync;
    place(first.cert, files.cert);
    place(first.key, files.key);
    const log = new TestLog();
    const started = await startHost({ tlsCert: files.cert, tlsKey: files.key, logger: log.logger });
    await log.line('using the certificate');
    return { ...started, files, log };
  }

  /** Does a TLS handshake. */
  async function handshake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
    await once(socket, 'secureConnect');
    return socket;
  }

  /** The common name of the certificate that a new connection gets. */
  async function servedName(port: number): Promise<string> {
    const socket = await handshake(port);
    const { CN } = socket.getPeerCertificate().subject;
    socket.destroy();
    return String(CN);
  }

  /** Replaces a file as a careful program does: at once. */
  function replace(path: string, source: string): void {
    copyFileSync(source, `${path}.new`);
    renameSync(`${path}.new`, path);
  }

  describe('with a certificate', () => {
    test('members join over wss, and pages are served over https', async () => {
      const { join, port, log } = await startTlsHost();
      const anna = await join('room', 'anna');
      await join('room', 'ben');
      expect(await anna.nextStreams()).toEqual(['anna', 'ben']);
      expect(await log.line('listening')).toMatchObject({ urls: [`wss://127.0.0.1:${port}`] });
      const [response] = await once(get({ port, host: '127.0.0.1', rejectUnauthorized: false }), 'response');
      expect(response.statusCode).toBe(200);
      response.resume();
    });

    test('a member that disconnects is gone', async () => {
      const { join } = await startTlsHost();
      const anna = await join('room', 'anna');
      const ben = await join('room', 'ben');
      await anna.until('anna', 'ben');
      ben.ws.terminate();
      expect(await anna.nextStreams()).toEqual(['anna']);
    });

    test('the certificate is verified against its own authority', async () => {
      const { open } = await startTlsHost();
      const ca = readFileSync(first.cert);
      const client = open(joinTarget('room', 'anna'), [], { ca, rejectUnauthorized: true });
      await client.until('anna');
    });

    test.each<'TLSv1.2' | 'TLSv1.3'>(['TLSv1.2', 'TLSv1.3'])('%s is spoken', async (version) => {
      const { port } = await startTlsHost();
      const socket = await handshake(port, { minVersion: version, maxVersion: version });
      expect(socket.getProtocol()).toBe(version);
      socket.destroy();
    });

    test('TLS 1.1 is refused', async () => {
      const { port } = await startTlsHost();
      const old: ConnectionOptions = {
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: 'ALL:@SECLEVEL=0',
      };
      await expect(handshake(port, old)).rejects.toThrow(/protocol version/);
    });

    const rsa = makeCertificate('rsa.example', temporaryFolder(), { newKey: RSA_KEY });
    const both = { ECDSA: first, RSA: rsa };

    test.each<[keyof typeof both, string]>([
      ['RSA', 'AES128-SHA'],
      ['RSA', 'AES256-SHA256'],
      ['RSA', 'AES128-GCM-SHA256'],
      ['RSA', 'ECDHE-RSA-AES128-SHA'],
      ['RSA', 'ECDHE-RSA-AES256-SHA384'],
      ['ECDSA', 'ECDHE-ECDSA-AES128-SHA'],
      ['ECDSA', 'ECDHE-ECDSA-AES256-SHA384'],
    ])('with an %s key, the suite %s of TLS 1.2 is refused', async (kind, ciphers) => {
      const { port } = await startHost({ tlsCert: both[kind].cert, tlsKey: both[kind].key });
      const handshaking = handshake(port, { maxVersion: 'TLSv1.2', ciphers });
      await expect(handshaking).rejects.toThrow(/handshake failure/);
    });

    test.each<[keyof typeof both, string]>([
      ['RSA', 'ECDHE-RSA-AES128-GCM-SHA256'],
      ['RSA', 'ECDHE-RSA-CHACHA20-POLY1305'],
      ['ECDSA', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
    ])('with an %s key, the suite %s of TLS 1.2 is spoken', async (kind, ciphers) => {
      const { port } = await startHost({ tlsCert: both[kind].cert, tlsKey: both[kind].key });
      const socket = await handshake(port, { maxVersion: 'TLSv1.2', ciphers });
      expect(socket.getCipher().name).toBe(ciphers);
      socket.destroy();
    });

    test('a client that does not speak TLS, or aborts at any moment, does no harm', async () => {
      const { raw, port, join, host } = await startTlsHost();
      for (const bytes of ['', '\x16', '\x16\x03\x01\x02\x00\x01', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n']) {
        const client = await raw();
        client.send(Buffer.from(bytes, 'latin1'));
        client.reset();
      }
      const halfway = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
      await once(halfway, 'connect');
      halfway.destroy();
      const done = await handshake(port);
      done.write('GET /?room=room&streamName=anna HTTP/1.1\r\nUpgr');
      done.destroy();
      const anna = await join('room', 'anna');
      await anna.leave();
      expect(host.roomCount).toBe(0);
    });

    test('closing does not wait for unfinished TLS handshakes', async () => {
      const { raw, host, join } = await startTlsHost();
      const cut = jest.fn();
      host.events.on('cut', cut);
      const idle = await raw();
      const anna = await join('room', 'anna');
      const closing = host.close();
      await idle.closed;
      expect(await anna.closed).toMatchObject({ code: 1001 });
      await closing;
      // Nor did its time run out.
      expect(cut).not.toHaveBeenCalled();
    });
  });

  describe('a renewed certificate', () => {
    test('is used for new connections, and open ones stay', async () => {
      const tls = await startTlsHost();
      const anna = await tls.join('room', 'anna');
      replace(tls.files.cert, second.cert);
      replace(tls.files.key, second.key);
      const { validTo } = await tls.log.line('using the certificate');
      expect(validTo).toBe(new Date(new X509Certificate(readFileSync(second.cert)).validTo).toISOString());
      expect(await servedName(tls.port)).toBe('second.example');
      await tls.join('room', 'ben');
      expect(await anna.nextStreams()).toEqual(['anna', 'ben']);
    });

    test('is found behind replaced symbolic links, as certbot makes them', async () => {
      const tls = await startTlsHost(true);
      expect(await servedName(tls.port)).toBe('first.example');
      for (const file of ['cert', 'key'] as const) {
        symlinkSync(second[file], `${tls.files[file]}.new`);
        renameSync(`${tls.files[file]}.new`, tls.files[file]);
      }
      await tls.log.line('using the certificate');
      expect(await servedName(tls.port)).toBe('second.example');
    });

    test('is not used while it is half written, half replaced or missing: the previous one is kept', async () => {
      const tls = await startTlsHost();
      const { files, log, port } = tls;
      const anna = await tls.join('room', 'anna');
      const whole = readFileSync(second.cert);
      const errorSays = async (problem: RegExp) => {
        const line = await log.line('keeping the previous certificate');
        expect(line).toMatchObject({ level: 50, problem: expect.stringMatching(problem) });
        expect(await servedName(port)).toBe('first.example');
      };
      writeFileSync(files.cert, whole.subarray(0, whole.length / 2));
      await errorSays(/^TLS_CERT=.*fullchain.pem ends in the middle of a certificate/);
      writeFileSync(files.cert, whole);
      await errorSays(/^TLS_KEY=.* does not match the certificate in TLS_CERT=/);
      rmSync(files.key);
      await errorSays(/^TLS_KEY=.*privkey.pem cannot be read: ENOENT/);
      copyFileSync(second.key, files.key);
      await log.line('using the certificate');
      expect(await servedName(port)).toBe('second.example');
      await tls.join('room', 'ben');
      expect(await anna.nextStreams()).toEqual(['anna', 'ben']);
    });
  });

  describe('a chain', () => {
    const root = makeCertificate('Root');
    const middle = makeCertificate('Middle', temporaryFolder(), { issuer: root });
    const otherMiddle = makeCertificate('Other middle', temporaryFolder(), { issuer: root });
    const site = makeCertificate('site.example', temporaryFolder(), { issuer: middle });
    const renewed = makeCertificate('renewed.example', temporaryFolder(), { issuer: middle });
    const moved = makeCertificate('moved.example', temporaryFolder(), { issuer: otherMiddle });

    /** A server with the chain of `site.example` whose files a test replaces, and whose minutes pass by hand. */
    async function startServer() {
      const folder = temporaryFolder();
      const files = { cert: join(folder, 'fullchain.pem'), key: join(folder, 'privkey.pem') };
      writeFileSync(files.cert, chainOf(site, middle));
      copyFileSync(site.key, files.key);
      const clock = new ManualClock();
      const events: Events = new EventEmitter<ConferenceEvents>();
      const server = createServer(TLS_LIMITS);
      const certificate = new TlsCertificate(server, files, events, clock);
      await certificate.start();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      stops.push(() => {
        certificate.stop();
        server.close();
      });
      const { port } = server.address() as AddressInfo;
      /** The files are replaced; @returns the problem that is told then, or undefined where they are in use */
      const install = async (key: string, cert: string): Promise<string | undefined> => {
        const told = once(events, 'certificate');
        copyFileSync(key, files.key);
        writeFileSync(files.cert, cert);
        const [{ problem }] = await told;
        return problem;
      };
      return { install, clock, events, served: () => servedName(port) };
    }

    const stops: (() => void)[] = [];
    afterEach(() => {
      for (const stop of stops.splice(0)) stop();
    });

    test('that is truncated never replaces the complete one, however long it stays so', async () => {
      const { install, clock, events, served } = await startServer();
      const cut = chainOf(renewed);
      expect(await install(renewed.key, cut)).toMatch(/^TLS_CERT=.* lacks a certificate of the chain in/);
      const told = jest.fn();
      events.on('certificate', told);
      clock.advance(3_600_000);
      expect(await install(renewed.key, `${cut}-----B`)).toMatch(/ends in the middle of a certificate/);
      expect(told).toHaveBeenCalledTimes(1);
      expect(await served()).toBe('site.example');
      expect(await install(renewed.key, chainOf(renewed, middle))).toBeUndefined();
      expect(await served()).toBe('renewed.example');
    });

    test('of another issuer is used at once if it leads to the same authority', async () => {
      const { install, served } = await startServer();
      expect(await install(moved.key, chainOf(moved, otherMiddle))).toBeUndefined();
      expect(await served()).toBe('moved.example');
    });

    test('that ends elsewhere, as a truncated one does too, is used once it has been unchanged for a minute', async () => {
      const { install, clock, events, served } = await startServer();
      expect(await install(moved.key, chainOf(moved))).toMatch(
        /used once it has been unchanged for a minute/,
      );
      expect(await served()).toBe('site.example');
      const used = once(events, 'certificate');
      clock.advance(60_000);
      expect(await used).toMatchObject([{ problem: undefined }]);
      expect(await served()).toBe('moved.example');
    });

    test('is never loaded from a half-written file, truncated after any byte', () => {
      const before = readChain(chainOf(site, middle));
      for (const next of [
        chainOf(renewed, middle),
        chainOf(moved, otherMiddle),
        `text\n${chainOf(site, middle)}`,
      ]) {
        expect(isCut(next) ? 'cut' : doubtOf(readChain(next), before)).toBeUndefined();
        const whole = next.trimEnd().length;
        const taken = Array.from({ length: whole }, (_, length) => next.slice(0, length)).filter((prefix) => {
          return !isCut(prefix) && readChain(prefix).length > 0 && !doubtOf(readChain(prefix), before);
        });
        expect(taken).toEqual([]);
      }
    });

    test('may end with its root, may be mixed with text and keys, and may have Windows line endings', () => {
      const before = readChain(chainOf(site, middle));
      const text = `# mine\n${chainOf(renewed)}${readFileSync(renewed.key)}\n# theirs\n${chainOf(middle, root)}# end`;
      for (const pem of [text, text.replaceAll('\n', '\r\n')]) {
        expect(isCut(pem)).toBe(false);
        const chain = readChain(pem);
        expect(chain.map(({ subject }) => subject)).toEqual(['CN=renewed.example', 'CN=Middle', 'CN=Root']);
        expect(doubtOf(chain, before)).toBeUndefined();
      }
    });
  });

  describe('files that cannot be used', () => {
    const folder = temporaryFolder();
    const file = (name: string, content: string | Buffer = '') => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    };
    const encrypted = join(folder, 'encrypted.key');
    openssl('ec', '-in', first.key, '-aes256', '-passout', 'pass:secret', '-out', encrypted);
    const pem = readFileSync(first.cert, 'utf8');
    const chain = file('chain.crt', `${pem}${pem.slice(0, pem.length / 2)}`);
    const begun = file('begun.crt', `${pem}-----BEG`);
    const broken = file('broken.crt', pem + pem.replace(/\n.{10}/, '\n!!!!!!!!!!'));
    mkdirSync(join(folder, 'folder'));

    test.each([
      [
        'the key of another',
        first.cert,
        second.key,
        /^TLS_KEY=.* does not match the certificate in TLS_CERT=/,
      ],
      [
        'no certificate file',
        join(folder, 'none.crt'),
        first.key,
        /^TLS_CERT=.*none.crt cannot be read: ENOENT/,
      ],
      ['no key file', first.cert, join(folder, 'none.key'), /^TLS_KEY=.*none.key cannot be read: ENOENT/],
      ['a folder', join(folder, 'folder'), first.key, /^TLS_CERT=.*folder cannot be read: EISDIR/],
      ['an empty certificate', file('empty.crt'), first.key, /^TLS_CERT=.* holds no certificate/],
      ['an empty key', first.cert, file('empty.key'), /^TLS_KEY=.* holds no private key/],
      ['the two mixed up', first.key, first.cert, /^TLS_CERT=.* holds no certificate/],
      ['a key with a passphrase', first.cert, encrypted, /^TLS_KEY=.* holds no private key .* passphrase/],
      ['a chain cut off', chain, first.key, /^TLS_CERT=.* ends in the middle of a certificate/],
      ['a chain cut in its second first line', begun, first.key, /^TLS_CERT=.* ends in the middle/],
      ['a chain with a broken certificate', broken, first.key, /^TLS_CERT=.* cannot be read/],
    ])('%s: the start fails with one line that says which', async (_what, tlsCert, tlsKey, message) => {
      const host = createConferenceHost({ port: 0, host: '127.0.0.1', tlsCert, tlsKey });
      const failure = await host.start().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(SettingsError);
      expect(String((failure as Error).message)).toMatch(message);
      expect((failure as Error).message).not.toMatch('\n');
      await host.close();
    });

    test.each([
      ['does not match', { TLS_CERT: first.cert, TLS_KEY: second.key }, /does not match/],
      ['is missing', { TLS_CERT: first.cert }, /^conference-host: TLS_CERT is set without TLS_KEY$/],
    ])('a process whose key %s ends with code 2 and one line', async (_what, env, message) => {
      const { code, stderr } = await new HostProcess({ PORT: '0', ...env }).exit;
      expect(code).toBe(2);
      expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(message)]);
    });
  });

  describe('SSL=true', () => {
    test('means the files of the host that people migrate from, and logs what to write instead', async () => {
      const folder = temporaryFolder();
      mkdirSync(join(folder, 'cert'));
      copyFileSync(first.cert, join(folder, 'cert', 'certificate.crt'));
      copyFileSync(first.key, join(folder, 'cert', 'privateKey.key'));
      const env = { SSL: 'true', HOST: '127.0.0.1', PORT: '0' };
      const host = new HostProcess(env, [], ['env', '-C', folder]);
      const files = 'TLS_CERT=./cert/certificate.crt TLS_KEY=./cert/privateKey.key';
      await host.line(`instead of SSL=true write ${files} PORT=0`);
      const { urls } = await host.line('listening');
      const [url = ''] = urls as string[];
      expect(url).toMatch(/^wss:/);
      expect(await servedName(Number(new URL(url).port))).toBe('first.example');
    });

    test('without those files ends with code 2', async () => {
      const host = new HostProcess({ SSL: 'true', PORT: '0' }, [], ['env', '-C', temporaryFolder()]);
      const { code, stderr } = await host.exit;
      expect(code).toBe(2);
      expect(stderr).toMatch('TLS_CERT=./cert/certificate.crt cannot be read: ENOENT');
    });
  });
});
