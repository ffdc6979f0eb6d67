import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { BrowserContext } from 'playwright-core';
import { accessibilityProblems, type TestPage, useBrowser } from '../helpers/browser';
import { makeCertificate } from '../helpers/certificates';
import { startDeafProxy } from '../helpers/deaf-proxy';
import { startHost } from '../helpers/host';
import { describeWith } from '../helpers/programs';
import { hsToken, SECRET } from '../helpers/tokens';
import { startWebServer } from '../helpers/web-server';

const HOSTILE = '<img src=x onerror="document.title=\'owned\'">';

/** Milliseconds between two looks. By default a look comes with each frame, and a hidden tab may draw none. */
const EVEN_IN_THE_BACKGROUND = { polling: 50 };

describeWith('chromium', 'the start page', (chromium) => {
  const browser = useBrowser(chromium);

  const participant = (page: TestPage, number: number) => {
    const form = page.getByRole('form', { name: `Participant ${number}` });
    return {
      name: form.getByLabel('Stream name'),
      message: form.locator('.message'),
      says: (text: string | RegExp) => form.locator('.message', { hasText: text }).waitFor(),
      wait: form.locator('.wait'),
      press: (button: string) => form.getByRole('button', { name: button }).click(),
      roster: form.locator('.name'),
    };
  };
  /** Stops the clock of a page that waits: it may be back by itself before its button is clicked. */
  const hold = async ({ clock }: BrowserContext) => {
    await clock.pauseAt(Date.now() + 1_000);
  };
  /** A host, and a page that has found it, whose clock is the test's. */
  const startWatched = async () => {
    const { host, port } = await startHost();
    const context = await browser.phone();
    await context.clock.install();
    const page = await browser.page(`http://127.0.0.1:${port}/`, context);
    const status = (text: string) => page.locator('#status', { hasText: text }).waitFor();
    await status('Running');
    return { host, port, context, page, status };
  };
  const both = (page: TestPage) => page.getByRole('button', { name: /with (two participants|both)/ });
  /** Waits until a participant shows just these streams. */
  const lists = (page: TestPage, number: number, streams: readonly string[]) =>
    page.waitForFunction(
      `JSON.stringify([...document.forms[${number}].querySelectorAll('.name')].map((item) => item.textContent)) ===
        ${JSON.stringify(JSON.stringify(streams))}`,
      undefined,
      EVEN_IN_THE_BACKGROUND,
    );
  /** Waits until the wait of a participant, in seconds, is one less than before. */
  const countsDown = (page: TestPage, number: number) =>
    page.evaluate(`new Promise((resolve) => {
      const wait = document.forms[${number}].querySelector('.wait');
      const seconds = () => Number(/\\d+/.exec(wait.textContent));
      let before = seconds();
      new MutationObserver(() => {
        if (seconds() === before - 1) resolve();
        before = seconds();
      }).observe(wait, { childList: true });
    })`);
  const value = (page: TestPage, id: string) => page.locator(`#value-${id}`).textContent();
  /** What Chromium says of each WebSocket and request that fails. */
  const unexpected = ({ complaints }: TestPage) =>
    complaints.filter((complaint) => !/^(WebSocket connection to|Failed to load resource)/.test(complaint));

  test('one click puts two participants into a room, who see each other and those of another tab', async () => {
    const { port } = await startHost();
    const page = await browser.page(`http://127.0.0.1:${port}/?room=my%20room%2B&streamName=anna`);
    const [one, two] = [participant(page, 1), participant(page, 2)];
    await both(page).click();
    const second = await two.name.inputValue();
    await lists(page, 1, ['anna', second]);
    await lists(page, 2, ['anna', second]);
    await one.says('In the room.');

    const tab = await browser.page(`http://127.0.0.1:${port}/?room=my%20room%2B`, page.context());
    const [three, four] = [participant(tab, 1), participant(tab, 2)];
    await four.name.fill(HOSTILE);
    await both(tab).click();
    const names = ['anna', second, await three.name.inputValue(), HOSTILE];
    expect(new Set(names).size).toBe(4);
    await lists(page, 1, names);
    await lists(tab, 2, names);
    expect([await tab.title(), await tab.locator('img').count()]).toEqual(['Conference host', 1]);
    await three.press('Leave');
    await lists(page, 2, ['anna', second, HOSTILE]);
    await lists(tab, 1, []);
    await both(tab).click();
    await lists(page, 2, ['anna', second]);
    await two.press('Leave');
    await two.name.fill('anna');
    await page.getByText('Both participants have the same name').waitFor();
    expect([...page.complaints, ...tab.complaints]).toEqual([]);
  });

  test('a full room says so to everybody, counts down to the next attempt, and tries at once when asked', async () => {
    const { port } = await startHost({ maxRoomSize: 1 });
    const context = await browser.trusting();
    await context.clock.install();
    const page = await browser.page(`http://127.0.0.1:${port}/?streamName=${'long'.repeat(60)}`, context);
    const [one, two] = [participant(page, 1), participant(page, 2)];
    await one.press('Join');
    await one.says('In the room.');
    await two.press('Join');
    await two.says(/^The room is full\. .*MAX_ROOM_SIZE.* 4429$/);
    await two.wait.getByText(/^Reconnecting in \d s\.$/).waitFor();
    await countsDown(page, 2);

    await page.getByText('What happened').click();
    await page.getByRole('button', { name: 'Code of: This page, on a phone' }).click();
    await page.getByRole('button', { name: 'Check ws and wss' }).click();
    await page.locator('#checked li').nth(1).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);

    await hold(context);
    await two.wait.getByText(/^Reconnecting in /).waitFor();
    await one.press('Leave');
    await two.press('Reconnect now');
    await context.clock.resume();
    await two.says('In the room.');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Leave');
    expect(await two.wait.textContent()).toBe('');
    expect(unexpected(page)).toEqual([]);
  });

  test('a host that is away is not green: the page counts down, and all come back when it does', async () => {
    const { host, port, context, page, status } = await startWatched();
    await both(page).click();
    await participant(page, 2).says('In the room.');
    await host.closeNow();
    await status('Unreachable');
    await page.getByText('The host does not answer').first().waitFor();
    await page.locator('#trouble-wait', { hasText: /^Retrying in \d+ s\.$/ }).waitFor();
    await participant(page, 1).wait.getByText('Reconnecting').waitFor();
    expect(await participant(page, 1).roster.count()).toBe(2);
    await hold(context);
    await page.locator('#trouble-wait', { hasText: /^Retrying in / }).waitFor();
    for (const number of [1, 2])
      await participant(page, number)
        .wait.getByText(/^Reconnecting in /)
        .waitFor();
    await startHost({ port });
    await page.getByRole('button', { name: 'Retry now' }).click();
    await context.clock.resume();
    await status('Running');
    for (const number of [1, 2]) await participant(page, number).says('In the room.');
    expect(await page.locator('#trouble').isVisible()).toBe(false);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Leave with both');
    expect(unexpected(page)).toEqual([]);
  });

  test('it notices by itself that the host has gone and is back', async () => {
    const { host, port, context, page, status } = await startWatched();
    await host.closeNow();
    await context.clock.fastForward(5_000);
    await status('Unreachable');
    await startHost({ port });
    await context.clock.fastForward(1_000);
    await status('Running');
    expect(unexpected(page)).toEqual([]);
  });

  test('with ALLOWED_ORIGINS its own page works, or says what to add', async () => {
    const { port } = await startHost({ allowedOrigins: ['https://a.example'], host: '::' });
    const page = await browser.page(`http://127.0.0.1:${port}/`);
    await both(page).click();
    await participant(page, 1).says('In the room.');
    await page.getByLabel('Address of this host').selectOption(`localhost:${port}`);
    await page.getByRole('button', { name: 'Check ws and wss' }).click();
    await page.locator('#checked', { hasText: 'Open http://localhost:' }).waitFor();
    expect(await page.locator('#checked').textContent()).not.toContain('fails');
    await page.getByLabel('Address of your Testbed').fill('http://red5.example/live/');
    await page.keyboard.press('Tab');
    await page.locator('#address-note', { hasText: 'add http://red5.example to ALLOWED_ORIGINS' }).waitFor();
    await page.getByLabel('Address of your Testbed').fill('');
    await page.locator('#address-note', { hasNotText: 'ALLOWED_ORIGINS' }).waitFor();
    const named = await browser.page(`http://host.localhost:${port}/`, page.context());
    const advice = `add http://host.localhost:${port} to ALLOWED_ORIGINS`;
    await named.locator('#trouble', { hasText: advice }).waitFor();
    await both(named).click();
    await participant(named, 2).says(new RegExp(`${advice} .* 1006$`));
    await named.getByRole('button', { name: 'Check ws and wss' }).click();
    await named.locator('#checked', { hasText: advice }).waitFor();
    expect(unexpected(named)).toEqual([]);
  });

  test('a proxy that drops Upgrade is found out', async () => {
    const { port } = await startHost();
    const page = await browser.page(`http://127.0.0.1:${await startDeafProxy(port)}/`);
    await both(page).click();
    await participant(page, 1).says(/^A proxy on the way drops the header Upgrade\..* 1006$/);
    expect(unexpected(page)).toEqual([]);
  });

  test('a refusal is in words, with what to do, and a host that wants a token asks for it', async () => {
    const { port } = await startHost({ jwtSecret: SECRET });
    const page = await browser.page(`http://127.0.0.1:${port}/?room=room`);
    const one = participant(page, 1);
    await one.name.fill('a'.repeat(257));
    await page.keyboard.press('Enter');
    await one.says(/^StreamName is longer than 256 bytes\. Correct .* 4400$/);
    await one.name.fill('anna');
    await one.press('Join');
    await one.says(/^The token is missing\. Put a valid token into the field .* 4401$/);
    await page.getByText('This host asks for a token', { exact: true }).waitFor();
    await page.getByText('This host asks for a token: fill it in').waitFor();
    const token = hsToken();
    await page.getByLabel('Token').fill(token);
    const at = `127.0.0.1:${port}`;
    expect(await value(page, 'testbed')).toBe(`?socket=${at}/%3Ftoken%3D${token}%26`);
    await one.press('Join');
    await one.says('In the room.');
    expect(page.complaints).toEqual([]);
  });

  test('with round-trip authentication it asks for a login, and gives it to the Testbed', async () => {
    const { url } = await startWebServer(async (request, response) => {
      const { username, password } = JSON.parse(await text(request));
      response.end(JSON.stringify({ result: username === 'anna' && password === 'a&b' }));
    });
    const { port } = await startHost({ authUrl: url });
    const page = await browser.page(`http://127.0.0.1:${port}/`);
    const one = participant(page, 1);
    await page.getByText('This host asks for a login', { exact: true }).waitFor();
    await one.press('Join');
    await one.says(/^Username, password and token are missing\. Fill in .* 4401$/);
    await page.getByLabel('User name').fill('anna');
    await page.getByLabel('Password').fill('a&b');
    await one.press('Join');
    await one.says('In the room.');
    const [, socket = ''] = /\?socket=(.*)/.exec((await value(page, 'testbed')) ?? '') ?? [];
    expect(decodeURIComponent(socket)).toBe(`127.0.0.1:${port}/?username=anna&password=a%26b&`);
    expect(page.complaints).toEqual([]);
  });

  test('gives the values for each client at the address that one chooses, to copy and to scan', async () => {
    const { port } = await startHost();
    const page = await browser.page(`http://localhost:${port}/`);
    const at = `127.0.0.1:${port}`;
    await page.locator('#address option', { hasText: at }).waitFor({ state: 'attached' });
    await page.getByText('Only this computer reaches that address').waitFor();
    expect(await value(page, 'testbed')).toBe(`?socket=localhost:${port}`);
    await page.getByRole('button', { name: 'Code of: Testbed for Android' }).click();
    const code = page.getByRole('img', { name: `QR code: <conference_host>http://localhost:${port}<` });
    const before = await code.locator('path').getAttribute('d');
    await page.getByLabel('Address of this host').selectOption(at);
    const scanned = page.getByRole('img', {
      name: `QR code: <conference_host>http://${at}</conference_host>`,
    });
    expect(await scanned.locator('path').getAttribute('d')).not.toBe(before);
    expect(await value(page, 'page')).toBe(`http://${at}/?room=test`);
    expect(await value(page, 'testbed')).toBe(`?socket=${at}`);
    expect(await value(page, 'android')).toBe(`<conference_host>http://${at}</conference_host>`);
    expect(await value(page, 'ios')).toBe(`<key>conference_host</key><string>http://${at}</string>`);
    expect(await value(page, 'own')).toBe(`ws://${at}`);
    await page.getByLabel('Address of your Testbed’s page').fill('https://red5.example/live/?x=1');
    expect(await value(page, 'testbed')).toBe(`https://red5.example/live/?socket=${at}`);
    await page.getByText('it opens wss, and this port has no TLS').waitFor();

    const field = page.getByLabel('Room', { exact: true });
    const copied = async (client: string) => {
      await page.getByRole('button', { name: `Copy of: ${client}` }).click();
      await page.getByText('Copied').first().waitFor();
      await field.fill('');
      await page.keyboard.press('Control+V');
      return field.inputValue();
    };
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    expect(await copied('Testbed for iOS')).toBe(await value(page, 'ios'));
    // As over plain http, except on this machine.
    await page.evaluate(`Object.defineProperty(navigator, 'clipboard', { value: undefined })`);
    expect(await copied('Your own client')).toBe(await value(page, 'own'));
    expect(page.complaints).toEqual([]);
  });

  test('tries ws and wss, and says what a Testbed over https needs before it fails', async () => {
    const plain = await startHost();
    const page = await browser.page(`http://127.0.0.1:${plain.port}/`);
    const found = (on: TestPage, text: string) => on.locator('#checked li', { hasText: text }).waitFor();
    await page
      .getByText('a Testbed loaded over https fails with 1006. For development start it with TLS=self-signed')
      .waitFor();
    await page.getByRole('button', { name: 'Check ws and wss' }).click();
    await found(page, `ws works at 127.0.0.1:${plain.port}`);
    await found(page, `wss fails at 127.0.0.1:${plain.port}`);
    expect(plain.host.roomCount).toBe(0);

    const { cert: tlsCert, key: tlsKey } = makeCertificate('localhost');
    const { port } = await startHost({ tlsCert, tlsKey });
    const secure = await browser.page(`https://127.0.0.1:${port}/`, await browser.trusting());
    expect(await value(secure, 'android')).toBe(
      `<conference_host>https://127.0.0.1:${port}</conference_host>`,
    );
    await secure.getByRole('button', { name: 'Check ws and wss' }).click();
    await found(secure, `wss works at 127.0.0.1:${port}`);
    await found(secure, 'ws: not tried');
    expect([...unexpected(page), ...secure.complaints]).toEqual([]);
  });

  test('a page of another origin imports the client, whose link is kept when the network comes back and it is alive', async () => {
    const { port, join } = await startHost();
    const elsewhere = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Elsewhere</title>');
    });
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const page = await browser.page(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);
    elsewhere.close();
    await page.evaluate(`(async () => {
      const { joinRoom } = await import('http://127.0.0.1:${port}/client.js');
      globalThis.room = joinRoom('ws://127.0.0.1:${port}', { room: 'room', streamName: 'anna' });
      globalThis.events = [];
      for (const type of ['open', 'roster', 'reconnecting', 'closed']) {
        room.addEventListener(type, () => events.push(type));
      }
    })()`);
    const happened = (...wanted: string[]) => page.waitForFunction(`events.join() === '${wanted.join()}'`);
    await happened('open', 'roster');
    await join('room', 'ben');
    await happened('open', 'roster', 'roster');
    await page.evaluate(`dispatchEvent(new Event('offline'))`);
    await page.evaluate(`dispatchEvent(new Event('online'))`);
    await join('room', 'carl');
    await happened('open', 'roster', 'roster', 'roster');
    await page.evaluate('room.leave()');
    await happened('open', 'roster', 'roster', 'roster', 'closed');
  });
});
