import type { BrowserContext } from 'playwright-core';
import { type TestPage, useBrowser } from '../helpers/browser';
import { openDashboard, roomLinks } from '../helpers/dashboard';
import { startHost } from '../helpers/host';
import { ADMIN_TOKEN } from '../helpers/http';
import { describeWith } from '../helpers/programs';

const NAMES = Array.from({ length: 12 }, (_, index) => `room ${String.fromCharCode(97 + index)}`);

describeWith('chromium', 'the rows of the dashboard', (chromium) => {
  const browser = useBrowser(chromium);

  /** Twelve rooms of one member each, in the order of their names. */
  async function open(session?: BrowserContext) {
    const host = await startHost({ adminToken: ADMIN_TOKEN });
    await Promise.all(NAMES.map((room) => host.join(room, 'anna')));
    const page = await openDashboard(browser, host.port, { session });
    await roomLinks(page)
      .nth(NAMES.length - 1)
      .waitFor();
    /** The last rooms become the largest ones. */
    const turnAround = () => Promise.all(NAMES.slice(6).map((room) => host.join(room, 'ben')));
    return { page, turnAround };
  }

  const waits = (page: TestPage) => page.getByText('Newer figures wait');
  const first = (page: TestPage, room: string) => roomLinks(page).first().getByText(room).waitFor();

  test('stay under the pointer: what one clicks is what one has read, 12 of 12', async () => {
    const { page, turnAround } = await open();
    await page.setViewportSize({ width: 1280, height: 1400 });
    const places = await Promise.all(
      (await roomLinks(page).all()).map(async (link) => {
        const { x = 0, y = 0, height = 0 } = (await link.boundingBox()) ?? {};
        return { read: await link.innerText(), x: x + 5, y: y + height / 2 };
      }),
    );
    expect(places.map(({ read }) => read)).toEqual(NAMES);
    await page.mouse.move(places[0]?.x ?? 0, places[0]?.y ?? 0);
    await turnAround();
    await waits(page).waitFor();
    await page.evaluate(`addEventListener('click', (event) => {
      (globalThis.clicked ??= []).push(event.target.textContent);
      event.preventDefault();
      event.stopImmediatePropagation();
    }, true)`);
    for (const { x, y } of places) await page.mouse.click(x, y);
    expect(await page.evaluate('clicked')).toEqual(NAMES);
    await page.evaluate('document.activeElement.blur()');
    await page.mouse.move(0, 0);
    await first(page, 'room g');
    expect(await waits(page).count()).toBe(0);
    expect(page.complaints).toEqual([]);
  });

  test('stay while the keyboard is in them, with what a row says of its own room', async () => {
    const { page, turnAround } = await open();
    await roomLinks(page).nth(7).focus();
    await turnAround();
    await waits(page).waitFor();
    expect(await roomLinks(page).allTextContents()).toEqual(NAMES);
    expect(await page.locator('#rooms tr').nth(7).innerText()).toMatch(/^room h\s+2\s+2/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'room h' }).waitFor();
    expect(page.url()).toMatch(/\/dashboard\/rooms\/room%20h$/);
    await page.goBack();
    await first(page, 'room g');
  });

  test('wait to be asked for on a phone, where the rooms come first', async () => {
    const { page, turnAround } = await open(await browser.phone());
    expect(await page.locator('#overview h2').first().innerText()).toBe('Rooms');
    await turnAround();
    await waits(page).waitFor();
    await first(page, 'room a');
    await page.getByRole('button', { name: 'Show' }).tap();
    await first(page, 'room g');
  });
});
