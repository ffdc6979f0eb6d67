/** An https page of a laptop reaches the host beside it, in a real browser that trusts what mkcert has installed. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { localAddresses } from '../../src/listening/addresses';
import { SelfSigned } from '../../src/listening/self-signed/self-signed';
import { makeCertificate, makeMkcertRoot, temporaryFolder } from '../helpers/certificates';
import { joinTarget, startHost } from '../helpers/host';
import { describeWith } from '../helpers/programs';

describeWith('chromium', 'an https page in Chromium', (executablePath) => {
  describeWith('certutil', 'with the root of mkcert', (certutil) => {
    const root = makeMkcertRoot();
    const home = temporaryFolder();
    const nowhere = temporaryFolder();
    const accepted = {
      host: '127.0.0.1',
      stateDir: join(home, '.local', 'state', 'conference-host'),
      caroot: nowhere,
    };
    const site = makeCertificate('testbed', temporaryFolder(), { issuer: root, days: 30 });
    const server = createServer(
      { cert: readFileSync(site.cert), key: readFileSync(site.key) },
      (_, response) => response.end('<!doctype html><title>Testbed</title>'),
    );
    let browser: Browser;
    let page: Page;

    beforeAll(async () => {
      // What `mkcert -install` does on Linux.
      const database = join(home, '.pki', 'nssdb');
      mkdirSync(database, { recursive: true });
      const nss = (...args: string[]) => execFileSync(certutil, ['-d', `sql:${database}`, ...args]);
      nss('-N', '--empty-password');
      nss('-A', '-t', 'C,,', '-n', 'mkcert', '-i', root.cert);
      await new SelfSigned(accepted, () => {}).ensure();
      const [command = ''] = /certutil .*?(?=`)/.exec(readFileSync('docs/security.md', 'utf8')) ?? [];
      execFileSync('sh', ['-ec', command], { env: { ...process.env, HOME: home } });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const env = { ...process.env, HOME: home, XDG_DATA_HOME: join(home, 'data') } as Record<string, string>;
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox'], env });
      page = await browser.newPage();
      await page.goto(`https://localhost:${(server.address() as AddressInfo).port}/`);
    });

    afterAll(async () => {
      await browser.close();
      server.close();
    });

    /** The first roster, or the code of the close. */
    const opened = (url: string) =>
      page.evaluate(
        (address) =>
          new Promise<unknown>((resolve) => {
            const socket = new WebSocket(address);
            socket.onmessage = ({ data }) => resolve(data);
            socket.onclose = ({ code }) => resolve(code);
          }),
        url,
      );

    test('reaches the host by name and by every address, and no plain host', async () => {
      const stateDir = temporaryFolder();
      const { port } = await startHost({
        ...{ host: '0.0.0.0', tls: 'self-signed', stateDir, caroot: dirname(root.cert) },
      });
      for (const host of ['localhost', '127.0.0.1', ...localAddresses()])
        expect([host, await opened(`wss://${host}:${port}${joinTarget('room', host)}`)]).toEqual([
          host,
          expect.stringMatching(`"${host}"`),
        ]);
      const plain = await startHost();
      expect(await opened(`wss://127.0.0.1:${plain.port}${joinTarget('room', 'anna')}`)).toBe(1006);
    });

    test('reaches a host whose certificate was imported as security.md says', async () => {
      const { port } = await startHost({ ...accepted, tls: 'self-signed' });
      const url = `wss://127.0.0.1:${port}${joinTarget('room', 'anna')}`;
      expect(await opened(url)).toMatch('anna');
    });

    test('does not reach a host whose certificate it does not trust', async () => {
      const { port } = await startHost({
        ...{ tls: 'self-signed', stateDir: temporaryFolder(), caroot: nowhere },
      });
      expect(await opened(`wss://127.0.0.1:${port}${joinTarget('room', 'anna')}`)).toBe(1006);
    });
  });
});
