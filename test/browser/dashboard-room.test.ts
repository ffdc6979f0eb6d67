import { accessibilityProblems, useBrowser } from '../helpers/browser';
import { complaintsBesides, openDashboard, roomLinks } from '../helpers/dashboard';
import { startHost } from '../helpers/host';
import { ADMIN_TOKEN } from '../helpers/http';
import { Link } from '../helpers/link';
import { describeWith } from '../helpers/programs';

const HOSTILE = '<img src=x onerror="document.title=\'owned\'">';

describeWith('chromium', 'a room of the dashboard', (chromium) => {
  const browser = useBrowser(chromium);
  const start = () => startHost({ adminToken: ADMIN_TOKEN });
  const viewOf = (room: string) => `/rooms/${encodeURIComponent(room)}`;

  test('has an address to share, whatever its name', async () => {
    const host = await start();
    const names = ['a b+c', '%2F', 'a/../b', '..', '?room=x#y', HOSTILE];
    await Promise.all(names.map((room) => host.join(room, 'anna')));
    const page = await openDashboard(browser, host.port);
    await roomLinks(page)
      .nth(names.length - 1)
      .waitFor();
    const shown = await roomLinks(page).allTextContents();
    const addresses = await roomLinks(page).evaluateAll((all) => all.map((link) => `${link}`));
    const links = shown.map((name, index) => [name, addresses[index]]);
    expect(links.map(([name]) => name).sort()).toEqual([...names].sort());
    for (const [name = '', address = ''] of links) {
      await page.goto(address as string);
      await page
        .locator('#room-name')
        .getByText(name as string, { exact: true })
        .waitFor();
      await page.getByText('1 stream · 1 member').waitFor();
    }
    await page.getByRole('link', { name: '← All rooms' }).click();
    await roomLinks(page)
      .nth(names.length - 1)
      .waitFor();
    await page.goto(`http://127.0.0.1:${host.port}/dashboard/rooms/%zz`);
    await page.getByText('Nobody is in this room.').first().waitFor();
    expect(complaintsBesides(page, /404/)).toEqual([]);
  });

  test('shows all its members, a page at a time, and those that a filter finds', async () => {
    const host = await start();
    await Promise.all(Array.from({ length: 203 }, (_, index) => host.join('red', `guest ${index}`)));
    const page = await openDashboard(browser, host.port, { view: viewOf('red') });
    const next = page.locator('#members-next');
    for (const range of ['1–50', '51–100', '101–150', '151–200']) {
      await page.getByText(`${range} of 203 members`).waitFor();
      await next.click();
    }
    await page.getByText('201–203 of 203 members').waitFor();
    expect(await page.locator('#members tr').count()).toBe(3);
    await page.getByLabel('Filter members').fill('GUEST 20');
    await page.getByText('4 members', { exact: true }).waitFor();
    expect(new Set(await page.locator('#members mark').allTextContents())).toEqual(new Set(['guest 20']));
    expect(page.complaints).toEqual([]);
  });

  test('tells three people called anna apart before one of them is removed, and what happened after', async () => {
    const host = await start();
    const annas = [
      await host.join('red', 'anna'),
      await host.join('red', 'anna'),
      await host.join('red', 'anna'),
    ];
    await host.join('red', HOSTILE);
    const page = await openDashboard(browser, host.port, { view: viewOf('red') });
    const rows = page.locator('#members tr');
    await rows.nth(3).waitFor();
    expect(
      await page
        .locator('#members')
        .getByRole('button', { name: /^Remove / })
        .count(),
    ).toBe(4);
    await rows.nth(1).getByRole('button').click();
    const dialog = page.getByRole('dialog', { name: 'Remove anna?' });
    await dialog.getByText(/^This member is told/).waitFor();
    expect(await dialog.locator('tbody tr').innerText()).toMatch(
      /^anna\s+127\.0\.0\.1\s+\S+ \(\w+\)\s+\d+ s$/,
    );
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await rows.nth(1).getByRole('button').press('Enter');
    await page.getByRole('button', { name: 'Remove 1 member' }).click();
    expect(await annas[1]?.closed).toEqual({ code: 4403, reason: 'removed by an operator' });
    await page.getByRole('dialog', { name: '1 member removed' }).getByText('anna').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('2 streams · 3 members').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('room-name');
    await page.locator('#past').getByText('The operator removed anna').waitFor();
    await page.locator('#past').getByText('anna left').waitFor();

    await page.getByRole('button', { name: 'Remove everybody' }).click();
    const everybody = page.getByRole('dialog', { name: 'Remove everybody from red?' });
    await everybody.getByText(/^These 3 members are told/).waitFor();
    expect(await everybody.locator('tbody td:first-child').allTextContents()).toEqual([
      'anna',
      'anna',
      HOSTILE,
    ]);
    await everybody.getByRole('button', { name: 'Remove 3 members' }).click();
    expect(await annas[2]?.closed).toMatchObject({ code: 4403 });
    const removed = page.getByRole('dialog', { name: '3 members removed' });
    await removed.getByText(HOSTILE).waitFor();
    expect(await removed.locator('tbody tr').count()).toBe(3);
    await removed.getByRole('button', { name: 'Close' }).click();
    await page.getByText('Nobody is in this room.').first().waitFor();
    await page.locator('#past').getByText('The operator removed 3 members').waitFor();
    expect(await page.title()).toBe('red · Conference host');
    expect(complaintsBesides(page, /404/)).toEqual([]);
  });

  test('removes whom the open dialog names, though the answer for one that was closed comes late', async () => {
    const host = await start();
    await host.join('red', 'anna');
    const ben = await host.join('red', 'ben');
    const page = await openDashboard(browser, host.port, { view: viewOf('red') });
    await page.getByText('2 streams · 2 members').waitFor();
    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route(/room\/members\?.*limit=500/, async (route) => {
      await held;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Remove everybody' }).click();
    await page.getByText('Asking who is there …').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Remove ben / }).click();
    const late = page.waitForResponse(/limit=500/);
    answer();
    await (await late).finished();
    await page.evaluate('new Promise((resolve) => setTimeout(resolve))');
    await page.getByRole('dialog', { name: 'Remove ben?' }).locator('#removal-yes').click();
    await page.getByRole('dialog', { name: '1 member removed' }).waitFor();
    expect(await ben.closed).toMatchObject({ code: 4403 });
    expect(host.host.members('red').map(({ streamName }) => streamName)).toEqual(['anna']);
  });

  test('says in the dialog that the host is away, and asks again', async () => {
    const host = await start();
    const anna = await host.join('red', 'anna');
    const link = await Link.to(host.port);
    const page = await openDashboard(browser, link.port, { view: viewOf('red') });
    await page.getByText('1 stream · 1 member').waitFor();
    await link.cut();
    await page.getByRole('button', { name: 'Remove everybody' }).click();
    await page.getByText('The host does not answer. Nobody is removed.').waitFor();
    await link.mend();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Remove 1 member' }).waitFor();
    await link.cut();
    await page.getByRole('button', { name: 'Remove 1 member' }).click();
    await page.getByText('The host does not answer. Whether they are removed is not known.').waitFor();
    await link.mend();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('dialog', { name: '1 member removed' }).waitFor();
    expect(await anna.closed).toMatchObject({ code: 4403 });
  });
});
