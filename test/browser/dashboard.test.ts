import { Application, SECRET } from '../helpers/application';
import { accessibilityProblems, useBrowser } from '../helpers/browser';
import { complaintsBesides, openDashboard, roomLinks, tileShows } from '../helpers/dashboard';
import { joinTarget, startHost, type TestHost } from '../helpers/host';
import { ADMIN_TOKEN } from '../helpers/http';
import { Link } from '../helpers/link';
import { describeWith } from '../helpers/programs';
import { bodyOf, startWebServer } from '../helpers/web-server';

/** The most columns in a row of the event loop's plot without its line, between two that have it. */
const EMPTY_COLUMNS = `(() => {
  const canvas = document.querySelectorAll('#plots canvas')[4];
  const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const isLine = (x, y) => [11, 110, 79].every((part, place) => Math.abs(data[4 * (y * width + x) + place] - part) < 40);
  const drawn = Array.from({ length: width }, (_, x) => x).filter((x) =>
    Array.from({ length: height }, (_, y) => y).some((y) => isLine(x, y) && data[4 * (y * width + x) + 3] > 100),
  );
  return Math.max(0, ...drawn.map((x, place) => (place === 0 ? 0 : x - drawn[place - 1])));
})()`;

describeWith('chromium', 'the dashboard', (chromium) => {
  const browser = useBrowser(chromium);
  const start = (port = 0) => startHost({ port, adminToken: ADMIN_TOKEN });
  const open = ({ port }: TestHost) => openDashboard(browser, port);

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
    await tileShows(page, 'Members', '0');
    await page.reload();
    await tileShows(page, 'Members', '0');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Admin token').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(complaintsBesides(page, /401/)).toEqual([]);
  });

  test('takes the token from the fragment, and leaves none in the address', async () => {
    const page = await open(await start());
    await tileShows(page, 'Members', '0');
    expect(await page.locator('#webhooks-card').isVisible()).toBe(false);
    expect(page.url()).toMatch(/\/dashboard$/);
    expect(page.complaints).toEqual([]);
  });

  test.each([
    ['%zz', ''],
    ['%E2%82%AC', 'This token is not valid for this host.'],
  ])('shows the login where the fragment holds no token: #token=%s', async (fragment, problem) => {
    const { port } = await start();
    const page = await openDashboard(browser, port, { token: fragment });
    await page.getByLabel('Admin token').waitFor();
    expect(await page.locator('#login-problem').textContent()).toBe(problem);
    expect(page.url()).toMatch(/\/dashboard$/);
    expect(page.complaints).toEqual([]);
  });

  test('says so if the host has no token', async () => {
    const page = await open(await startHost());
    await page.getByText('This host was started without ADMIN_TOKEN').waitFor();
  });

  test('shows 2,000 rooms live, a page at a time, and marks what is searched for', async () => {
    const host = await start();
    const page = await open(host);
    await tileShows(page, 'Rooms', '0');
    await Promise.all(
      Array.from({ length: 2_000 }, async (_, index) => {
        const client = host.open(joinTarget(`room ${index}`, index === 1234 ? 'Annabel' : 'ben'));
        await client.nextFrame();
      }),
    );
    await tileShows(page, 'Rooms', '2,000');
    await page.getByText('1–25 of 2,000 rooms').waitFor();
    await page.getByRole('button', { name: 'Room', exact: true }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('26–50 of 2,000 rooms').waitFor();
    const search = page.getByLabel('Search rooms and streams');
    await search.fill('annab');
    await page.getByText('1 room', { exact: true }).waitFor();
    expect(await page.locator('#rooms td').first().innerText()).toMatch(/^room 1234\s+has Annabel$/);
    expect(await page.locator('#rooms mark').allTextContents()).toEqual(['Annab']);
    await search.fill('ROOM 12');
    await page.getByText('1–25 of 111 rooms').waitFor();
    expect(new Set(await page.locator('#rooms mark').allTextContents())).toEqual(new Set(['room 12']));
    expect(page.complaints).toEqual([]);
  }, 30_000);

  test('tells what happens as it does, of all rooms or of one; refusals by kind, and limits', async () => {
    const host = await startHost({ adminToken: ADMIN_TOKEN, maxConnections: 10, maxRoomSize: 2 });
    const page = await open(host);
    const feed = page.locator('#feed');
    await host.join('red', 'anna');
    const ben = await host.join('red', 'ben');
    await host.open(joinTarget('red', 'zoe')).closed;
    await host.open('/?room=blue').closed;
    await host.join('green', 'gina');
    await ben.leave();
    await feed.getByText('ben left').waitFor();
    const refused = feed.locator('tr', { hasText: 'zoe was refused' });
    expect(await refused.innerText()).toMatch(/4429 · room_full · .+\s+red\s+127\.0\.0\.1/);
    await page.getByLabel('Kind of events').selectOption('Refusals');
    await feed.getByText('anna joined').waitFor({ state: 'detached' });
    expect(await feed.getByText('was refused').count()).toBe(2);
    await page.locator('#plots').getByText('room_full').waitFor();
    await page.locator('#plots').getByText('bad_request').waitFor();

    await page.getByLabel('Kind of events').selectOption('All');
    const ofRoom = page.getByLabel('Only of the room');
    await ofRoom.fill('green');
    await ofRoom.press('Enter');
    await feed.getByText('anna joined').waitFor({ state: 'detached' });
    await feed.getByText('gina joined').waitFor();
    const limit = page.getByRole('meter', { name: 'MAX_CONNECTIONS', exact: true });
    expect([await limit.getAttribute('aria-valuenow'), await limit.getAttribute('aria-valuemax')]).toEqual([
      '2',
      '10',
    ]);
    expect(page.complaints).toEqual([]);
  });

  test('says within 3 s that the host is dead, and is back as soon as it is', async () => {
    const host = await start();
    await host.join('red', 'anna');
    const link = await Link.to(host.port);
    const page = await browser.page('about:blank');
    await page.clock.install();
    await page.goto(`http://127.0.0.1:${link.port}/dashboard#token=${ADMIN_TOKEN}`);
    await roomLinks(page).getByText('red').waitFor();
    await page.clock.pauseAt(Date.now() + 1_000);
    await page.getByText('Live', { exact: true }).waitFor();
    link.freeze();
    await page.clock.runFor(3_000);
    await page.getByText(/^The host does not answer since .+; retrying$/).waitFor({ timeout: 2_000 });
    await page.getByText('Healthy').waitFor({ state: 'hidden' });
    await page.clock.resume();
    expect(await accessibilityProblems(page)).toEqual([]);
    link.thaw();
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText('Healthy').waitFor();
    expect(complaintsBesides(page, /ERR_|network error/)).toEqual([]);
  });

  test('draws the time without a host as a gap, and goes on with the next host by itself', async () => {
    const first = await start();
    const page = await open(first);
    await page.getByLabel('2 min').check();
    await tileShows(page, 'Members', '0');
    await first.host.close();
    await page.getByText('The host does not answer').waitFor();
    const away = 60_000;
    const now = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + away);
    const second = await start(first.port);
    await second.join('after the storm', 'anna');
    await roomLinks(page).getByText('after the storm').waitFor();
    await page.getByRole('img', { name: /^Members from .+; no answer from .+ to .+$/ }).waitFor();
    expect(await page.evaluate(EMPTY_COLUMNS)).toBeGreaterThan(60);
    jest.restoreAllMocks();
    expect(complaintsBesides(page, /ERR_|network error/)).toEqual([]);
  });

  test('has one cursor across all plots, a range to choose, and a link to what is older', async () => {
    const grafanaUrl = 'https://grafana.example/d/conference-host?from=now-24h';
    const page = await open(await startHost({ adminToken: ADMIN_TOKEN, grafanaUrl }));
    const older = page.getByRole('link', { name: 'Older, in Grafana' });
    expect(await older.getAttribute('href')).toBe(grafanaUrl);
    await page.getByLabel('2 min').check();
    await page.getByRole('img', { name: 'Members' }).hover();
    await page.locator('#plots-time').getByText(/\d/).waitFor();
    expect(await page.locator('.u-cursor-x:not(.u-off)').count()).toBe(7);
    await page.mouse.move(0, 0);
    await page.locator('#plots-time').getByText(/\d/).waitFor({ state: 'detached' });
  });

  test('is for everybody, and for readers who may only look', async () => {
    const metricsToken = 'a-token-for-reading-in-tests';
    const host = await startHost({ adminToken: ADMIN_TOKEN, metricsToken });
    await host.join('a room', 'anna');
    await host.join(`a room with a long ${'name'.repeat(50)}`, 'anna');
    await host.open('/?room=room').closed;
    const page = await openDashboard(browser, host.port, { token: metricsToken });
    await roomLinks(page).nth(1).waitFor();
    await page.getByText('Read only').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await roomLinks(page).first().focus();
    await page.keyboard.press('Enter');
    await page.locator('#members').getByText('anna').waitFor();
    expect(await page.getByRole('button', { name: /^Remove/ }).count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(page.complaints).toEqual([]);
  });

  test('shows how an application is told, and an operator sends it a test', async () => {
    const application = new Application();
    let status = 204;
    const { url } = await startWebServer(async (request, response) => {
      application.take(request.headers, await bodyOf(request));
      response.writeHead(status).end();
    });
    const metricsToken = 'for-tests-Zt4nYb7cLd9S';
    const tokens = { adminToken: ADMIN_TOKEN, metricsToken };
    const { port } = await startHost({ ...tokens, webhookUrl: url, webhookSigningSecret: SECRET });
    const page = await openDashboard(browser, port);
    await page.getByText('0 delivered since the start.').waitFor();
    await page.getByText('Nothing waits.').waitFor();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText(/The test has arrived, in \d+ ms\./).waitFor();
    status = 500;
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('The test has failed: status 500.').waitFor();
    expect(application.types()).toEqual(['webhook.test', 'webhook.test']);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(page.complaints).toEqual([]);

    const viewer = await openDashboard(browser, port, { token: metricsToken });
    await viewer.getByText('0 delivered since the start.').waitFor();
    expect(await viewer.getByRole('button', { name: 'Send a test' }).count()).toBe(0);
  });
});
