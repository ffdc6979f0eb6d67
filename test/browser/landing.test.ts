import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accessibilityProblems, type TestPage, useBrowser } from '../helpers/browser';
import { startHost } from '../helpers/host';
import { describeWith } from '../helpers/programs';

const HOSTILE = '<img src=x onerror="document.title=\'owned\'">';

/** Milliseconds between two looks. By default a look comes with each frame, and a hidden tab may draw none. */
const EVEN_IN_THE_BACKGROUND = { polling: 50 };

describeWith('chromium', 'the try-it page', (chromium) => {
  const browser = useBrowser(chromium);

  const roster = (page: TestPage) => page.locator('#roster .name');
  const shows = (page: TestPage, ...streams: string[]) =>
    page.waitForFunction(
      `JSON.stringify([...document.querySelectorAll('#roster .name')].map((item) => item.textContent)) ===
        ${JSON.stringify(JSON.stringify(streams))}`,
      undefined,
      EVEN_IN_THE_BACKGROUND,
    );

  test('two tabs see each other join and leave', async () => {
    const { port } = await startHost();
    const one = await browser.page(`http://127.0.0.1:${port}/?room=my%20room%2B&streamName=anna`);
    await one.getByRole('button', { name: 'Join' }).click();
    await shows(one, 'anna');
    const link = (await one.getByRole('link', { name: 'a second tab' }).getAttribute('href')) ?? '';
    const two = await browser.page(new URL(link, one.url()).href, one.context());
    expect(await two.getByLabel('Room', { exact: true }).inputValue()).toBe('my room+');
    await two.getByLabel('Stream name').fill(HOSTILE);
    await two.keyboard.press('Enter');
    await shows(one, 'anna', HOSTILE);
    await shows(two, 'anna', HOSTILE);
    expect([await one.title(), await one.locator('img').count()]).toEqual(['Conference host', 1]);
    await two.getByRole('button', { name: 'Leave' }).click();
    await shows(one, 'anna');
    await shows(two);
    expect([...one.complaints, ...two.complaints]).toEqual([]);
  });

  test('a refused join shows its code and reason', async () => {
    const { port } = await startHost();
    const page = await browser.page(`http://127.0.0.1:${port}/`);
    await page.getByLabel('Stream name').fill('a'.repeat(257));
    await page.getByRole('button', { name: 'Join' }).click();
    const message = page.locator('#message');
    await message.getByText('4400').waitFor();
    expect(await message.textContent()).toMatch(/streamName is longer than 256 bytes$/);
    expect(await page.getByRole('button', { name: 'Join' }).isEnabled()).toBe(true);
    expect(page.complaints).toEqual([]);
  });

  test('shows that the host is lost, and reconnects', async () => {
    const { host, port } = await startHost();
    const page = await browser.page(`http://127.0.0.1:${port}/?streamName=anna`);
    await page.getByRole('button', { name: 'Join' }).click();
    await shows(page, 'anna');
    await host.close();
    await page.getByText('The connection is lost').first().waitFor();
    expect(await roster(page).allTextContents()).toEqual(['anna']);
    await startHost({ port });
    await page.locator('#message', { hasText: 'You are in the room as anna.' }).waitFor();
    expect(page.complaints.filter((complaint) => !complaint.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
  });

  test('the addresses are those that the browser used', async () => {
    const { port } = await startHost();
    const page = await browser.page(`http://localhost:${port}/`);
    expect(await page.locator('dd code').allTextContents()).toEqual([
      `?socket=localhost:${port}`,
      `ws://localhost:${port}`,
    ]);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy the WebSocket address' }).click();
    await page.getByText('Copied').first().waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`ws://localhost:${port}`);
  });

  test('is for everybody', async () => {
    const { port } = await startHost();
    const page = await browser.page(`http://127.0.0.1:${port}/?streamName=${'long'.repeat(60)}`);
    await page.getByRole('button', { name: 'Join' }).click();
    await roster(page).first().waitFor();
    await page.getByText('What happened').click();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByLabel('Room', { exact: true }).fill('');
    await page.keyboard.press('Enter');
    await page.locator('#message').getByText('4400').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(page.complaints).toEqual([]);
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
