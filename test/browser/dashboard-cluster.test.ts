/** The dashboard of two nodes: it shows both, whichever serves it, and says what is missing where one hangs. */
import { accessibilityProblems, useBrowser } from '../helpers/browser';
import { Cluster, type NodeProcess } from '../helpers/cluster';
import { openDashboard, roomLinks } from '../helpers/dashboard';
import { ADMIN_TOKEN } from '../helpers/http';
import { describeWith, describeWithRedis } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';
import { quickTiming } from '../helpers/timing';

describeWith('chromium', 'the dashboard of two nodes', (chromium) => {
  describeWithRedis('in one cluster', (program) => {
    const browser = useBrowser(chromium);
    let redis: RedisServer;
    let cluster: Cluster;
    let two: NodeProcess | undefined;

    beforeAll(async () => {
      redis = await RedisServer.start(program);
      cluster = new Cluster(redis.url, { ...quickTiming, expiry: 60_000 });
    });

    afterAll(async () => {
      two?.child.kill('SIGCONT');
      await cluster.close();
      await redis.stop();
    });

    test('removes whom one means, on whichever node, and says what is missing where one hangs', async () => {
      const one = await cluster.newNode({ adminToken: ADMIN_TOKEN });
      two = await cluster.newProcess({ adminToken: ADMIN_TOKEN });
      await cluster.join(one, 'red5', 'anna');
      const removed = (await cluster.join(two, 'red5', 'anna')).closed();
      await cluster.join(two, 'red5', 'ben');
      const page = await openDashboard(browser, Number(new URL(one.url).port));
      await page.locator('#nodes tr').nth(1).waitFor();
      await page.getByLabel('Search rooms and streams').fill('ann');
      await page.locator('#rooms mark').waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await roomLinks(page).getByText('red5').click();
      await page.getByText('2 streams · 3 members').waitFor();
      const nodes = await page.locator('#members td:nth-child(3) .muted').allTextContents();
      expect(new Set(nodes).size).toBe(2);

      await page.locator('#members tr').nth(1).getByRole('button').click();
      const dialog = page.getByRole('dialog', { name: 'Remove anna?' });
      await dialog.getByText(nodes[1] ?? '').waitFor();
      await dialog.getByRole('button', { name: 'Remove 1 member' }).click();
      await page.getByRole('dialog', { name: '1 member removed' }).waitFor();
      expect(await removed).toBe(4403);
      await page.keyboard.press('Escape');
      await page.getByText('2 streams · 2 members').waitFor();

      const row = page.locator('#members tr').first();
      await row.hover();
      const before = await row.boundingBox();
      two.child.kill('SIGSTOP');
      await page.getByText(/^Without what is on .+, last heard at .+: no answer from there\.$/).waitFor();
      await page.getByText('1 of 2 nodes does not answer').waitFor();
      expect(await row.boundingBox()).toEqual(before);
      await page.getByText('1 member', { exact: true }).waitFor();
      two.child.kill('SIGCONT');
      await page.getByText('2 members', { exact: true }).waitFor();
    });
  });
});
