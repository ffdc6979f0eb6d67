/** An operator says on the dashboard who may be where: rules for a room, and bans. */
import { accessibilityProblems, useBrowser } from '../helpers/browser';
import { openDashboard } from '../helpers/dashboard';
import { startHost } from '../helpers/host';
import { ADMIN_TOKEN } from '../helpers/http';
import { joinTarget } from '../helpers/join-target';
import { describeWith } from '../helpers/programs';
import { Red5 } from '../helpers/red5';
import { startRed5Host } from '../helpers/red5-host';

const METRICS_TOKEN = 'a-token-for-reading-in-tests';
const HOSTILE = '<img src=x onerror="document.title=\'owned\'">';

describeWith('chromium', 'orders on the dashboard', (chromium) => {
  const browser = useBrowser(chromium);
  const start = () => startHost({ adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN });

  test('an operator locks and limits a room, and opens it; a viewer sees it', async () => {
    const { port, join, open } = await start();
    await join('red', 'anna');
    const page = await openDashboard(browser, port, { view: '/rooms/red' });
    await page.getByText('Not locked.').waitFor();
    await page.getByRole('button', { name: 'Lock', exact: true }).click();
    await page.getByText('Locked for 2 hours. Held by this node only, as long as it runs.').waitFor();
    await page.getByText(/^Locked until .+ \([12] h \d+ min left\): nobody new may join\.$/).waitFor();
    expect(await open(joinTarget('red', 'ben')).closed).toMatchObject({ code: 4423 });
    await page.getByLabel('A new rule lasts').selectOption('10 minutes');
    await page.getByLabel('Greatest size').fill('7');
    await page.keyboard.press('Enter');
    await page.getByText(/^Limited to 7 for 10 minutes\./).waitFor();
    await page.getByText(/^Takes 7 at most, until .+ \((10|9) min \d+ s left\)\.$/).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);

    const viewer = await openDashboard(browser, port, { view: '/rooms/red', token: METRICS_TOKEN });
    await viewer.getByText(/^Takes 7 at most/).waitFor();
    expect(await viewer.getByRole('button', { name: /^(Lock|Unlock|Limit|Lift|Let|Remove)/ }).count()).toBe(
      0,
    );

    // Another operator locks it again, before the answer is written.
    await page.route(/policy/, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), locked: { value: true } } });
    });
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page
      .getByText(/^Somebody else has ordered something else at the same time, and that counts/)
      .waitFor();
    await page.unrouteAll();
    await page.getByText('Not locked.').waitFor();
    await viewer.getByText('Not locked.').waitFor();
    await page.getByRole('button', { name: 'Let every name in' }).click();
    await page.getByText('The host says: the room has no such rule.').waitFor();
    await join('red', 'ben');
  });

  test('a removal bans the name, whoever has it, until the ban is lifted', async () => {
    const { port, join, open } = await start();
    await join('red', 'ben');
    const [one, two] = [await join('red', HOSTILE), await join('red', HOSTILE)];
    const page = await openDashboard(browser, port, { view: '/rooms/red' });
    await page.locator('#members tr').nth(2).getByRole('button').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Remove 1 member' }).waitFor();
    await dialog.getByLabel(`and ban the name ${HOSTILE} from red for`).check();
    await dialog.getByText(/^These 2 members are told/).waitFor();
    expect(await dialog.locator('tbody td:first-child').allTextContents()).toEqual([HOSTILE, HOSTILE]);
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Remove 2 members and ban the name' }).click();
    await dialog.getByText(`The name ${HOSTILE} is banned from red for 1 hour.`).waitFor();
    await page.getByRole('dialog', { name: '2 members removed' }).waitFor();
    await Promise.all([one.closed, two.closed]);
    expect(await open(joinTarget('red', HOSTILE)).closed).toMatchObject({ reason: 'banned by an operator' });
    await page.keyboard.press('Escape');

    await page.getByRole('link', { name: 'All rooms' }).last().click();
    const lift = page.getByRole('button', { name: `Lift the ban of the name ${HOSTILE}` });
    await lift.waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    const viewer = await openDashboard(browser, port, { token: METRICS_TOKEN });
    await viewer.locator('#bans').getByText(HOSTILE).waitFor();
    expect(await viewer.getByRole('button', { name: /^Lift/ }).count()).toBe(0);
    await lift.click();
    await page.getByText(`The ban of the name ${HOSTILE} from red is lifted.`).waitFor();
    await page.locator('#bans tr.gone').getByText(HOSTILE).waitFor();
    await join('red', HOSTILE);
    expect(await page.title()).toBe('Dashboard · Conference host');
    expect([...page.complaints, ...viewer.complaints]).toEqual([]);
  });

  test('one stream of a room is removed, with all who have it, and stays under the pointer until then', async () => {
    const { port, host, join } = await start();
    const annas = [await join('red', 'anna')];
    const page = await openDashboard(browser, port, { view: '/rooms/red' });
    const remove = page.getByRole('button', { name: 'Remove the stream anna', exact: true });
    await remove.hover();
    const top = async () => (await remove.boundingBox())?.y ?? 0;
    const before = await top();
    annas.push(await join('red', 'anna'));
    await join('red', 'anna 2');
    await page.locator('#members tr').nth(2).waitFor();
    await page.locator('#roster-hint').getByText('Newer ones wait').waitFor();
    expect(Math.abs((await top()) - before)).toBeLessThan(1);
    await remove.click();
    const dialog = page.getByRole('dialog', { name: 'Remove the stream anna?' });
    await dialog.getByRole('button', { name: 'Remove 2 members' }).click();
    await page.getByRole('dialog', { name: '2 members removed' }).waitFor();
    await Promise.all(annas.map(({ closed }) => closed));
    expect(host.roster('red')).toEqual(['anna 2']);
    expect(page.complaints).toEqual([]);
  });

  test('a stream that only the media server has is taken off the air, and its name banned', async () => {
    const red5 = await Red5.start();
    red5.publish('live/red/obs');
    const { port, join } = await startRed5Host({
      ...red5.standalone,
      ...{ roster: 'both', adminToken: ADMIN_TOKEN },
    });
    await join('red', 'anna').until('anna', 'obs');
    const page = await openDashboard(browser, port, { view: '/rooms/red' });
    await page.getByRole('button', { name: 'Remove the stream obs' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('No member has this stream: whoever publishes it is taken off the air.').waitFor();
    await dialog.getByLabel('and ban the name obs from red for').check();
    await dialog.getByRole('button', { name: 'End the publishing and ban the name' }).click();
    await dialog
      .getByText('The name obs is banned from red for 1 hour. 1 stream taken off the air.')
      .waitFor();
    expect(red5.live('red')).toEqual([]);
  });
});
