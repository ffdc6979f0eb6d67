import { accessibilityProblems, type TestPage, useBrowser } from '../helpers/browser';
import type { TestClient } from '../helpers/client';
import { joinTarget, startHost, type TestHost } from '../helpers/host';
import { ADMIN_TOKEN } from '../helpers/http';
import { describeWith } from '../helpers/programs';

const HOSTILE = '<img src=x onerror="document.title=\'owned\'">';

describeWith('chromium', 'the dashboard', (chromium) => {
  const browser = useBrowser(chromium);
  const start = (port = 0) => startHost({ port, adminToken: ADMIN_TOKEN });

  const open = ({ port }: TestHost) =>
    browser.page(`http://127.0.0.1:${port}/dashboard#token=${ADMIN_TOKEN}`);
  const tile = (page: TestPage, label: string, value: string) =>
    page.locator('#tiles div', { hasText: label }).getByText(value, { exact: true }).waitFor();
  const rooms = (page: TestPage) => page.locator('#rooms .open');

  test('opens with the token, given once, and with no other', async () => {
    const { port } = await start();
    const page = await browser.page(`http://127.0.0.1:${port}/dashboard`);
    const give = async (token: string) => {
      await page.getByLabel('Admin token').fill(token);
      await page.keyboard.press('Enter');
    };
    await give('a-token-that-is-wrong');
    await page.getByText('This token is not valid for this host.').waitFor();
    await give(ADMIN_TOKEN);
    await tile(page, 'Members', '0');
    await page.reload();
    await tile(page, 'Members', '0');
    await page.getByRole('button', { name: 'Forget the token' }).click();
    await page.getByLabel('Admin token').waitFor();
    expect(page.complaints.filter((complaint) => !complaint.includes('401'))).toEqual([]);
  });

  test('takes the token from the fragment, and leaves none in the address', async () => {
    const page = await open(await start());
    await tile(page, 'Members', '0');
    expect(page.url()).toMatch(/\/dashboard$/);
    expect(page.complaints).toEqual([]);
  });

  test.each([
    ['%zz', ''],
    ['%E2%82%AC', 'This token is not valid for this host.'],
  ])('shows the login where the fragment holds no token: #token=%s', async (fragment, problem) => {
    const { port } = await start();
    const page = await browser.page(`http://127.0.0.1:${port}/dashboard#token=${fragment}`);
    await page.getByLabel('Admin token').waitFor();
    expect(await page.locator('#login-problem').textContent()).toBe(problem);
    expect(page.url()).toMatch(/\/dashboard$/);
    expect(page.complaints).toEqual([]);
  });

  test('opens with the read-only token, and offers no removal', async () => {
    const metricsToken = 'a-token-for-reading-in-tests';
    const host = await startHost({ adminToken: ADMIN_TOKEN, metricsToken });
    await host.join('a room', 'anna');
    const page = await browser.page(`http://127.0.0.1:${host.port}/dashboard#token=${metricsToken}`);
    await rooms(page).first().click();
    await page.getByText('1 stream · 1 member').waitFor();
    expect(await page.getByRole('button', { name: /^Remove/ }).count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('says so if the host has no token', async () => {
    const page = await open(await startHost());
    await page.getByText('This host was started without ADMIN_TOKEN').waitFor();
  });

  test('shows 2,000 rooms live: searches, opens one, removes a member', async () => {
    const host = await start();
    const page = await open(host);
    await tile(page, 'Rooms', '0');
    const clients = await Promise.all(
      Array.from({ length: 2_000 }, async (_, index) => {
        const client = host.open(joinTarget(`room ${index}`, 'anna'));
        await client.nextFrame();
        return client;
      }),
    );
    await tile(page, 'Rooms', '2,000');
    await page.getByText('1–25 of 2,000 rooms').waitFor();
    await page.getByRole('button', { name: 'Room', exact: true }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('26–50 of 2,000 rooms').waitFor();

    await page.getByLabel('Search rooms and streams').fill('ROOM 1234');
    await page.getByText('1 room', { exact: true }).waitFor();
    const guest = await host.join('room 1234', HOSTILE);
    await page.getByRole('cell', { name: '2' }).first().waitFor();
    await rooms(page).first().click();
    const dialog = page.getByRole('dialog', { name: 'room 1234' });
    await dialog.getByText('2 streams · 2 members').waitFor();
    await dialog.getByRole('button', { name: `Remove ${HOSTILE}` }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await dialog.getByRole('button', { name: `Remove ${HOSTILE}` }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    expect(await guest.closed).toEqual({ code: 4403, reason: 'removed by an operator' });
    await dialog.getByText('1 stream · 1 member').waitFor();
    await dialog.getByRole('button', { name: 'Remove all members' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    expect(await (clients[1234] as TestClient).closed).toMatchObject({ code: 4403 });
    await dialog.getByText('Everyone has left.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('No room or stream matches.').waitFor();
    expect(await page.title()).toBe('Dashboard · Conference host');
    // The room that is open in the dialog is asked for until it has gone.
    expect(page.complaints.filter((complaint) => !complaint.includes('404'))).toEqual([]);
  }, 30_000);

  test('says that the host does not answer, and reconnects to the next one by itself', async () => {
    const first = await start();
    const page = await open(first);
    await first.open('/?room=room').closed;
    await page.getByText('streamName is missing').waitFor();
    await first.host.close();
    await page.getByText('The host does not answer; retrying').waitFor();
    const second = await start(first.port);
    await second.join('after the storm', 'anna');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText('after the storm').waitFor();
    await page.getByText('Nobody has been refused.').waitFor();
    expect(page.complaints.filter((complaint) => !/ERR_|network error/.test(complaint))).toEqual([]);
  });

  test('is for everybody', async () => {
    const host = await start();
    await host.join('a room', 'anna');
    await host.join(`a room with a long ${'name'.repeat(50)}`, 'anna');
    await host.open('/?room=room').closed;
    const page = await open(host);
    await rooms(page).nth(1).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await rooms(page).first().focus();
    await page.keyboard.press('Enter');
    const remove = page.getByRole('button', { name: 'Remove anna' });
    await remove.waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await remove.press('Enter');
    await page.getByRole('dialog', { name: 'Remove this member?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    expect(await page.evaluate('document.activeElement.className')).toMatch('open');
    await page.getByRole('button', { name: 'Forget the token' }).click();
    await page.getByLabel('Admin token').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});
