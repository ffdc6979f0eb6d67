import { Application, SECRET } from '../helpers/application';
import { accessibilityProblems, useBrowser } from '../helpers/browser';
import { openDashboard, tileShows } from '../helpers/dashboard';
import { startHost } from '../helpers/host';
import { ADMIN_TOKEN } from '../helpers/http';
import { describeWith } from '../helpers/programs';
import { bodyOf, startWebServer } from '../helpers/web-server';

const METRICS_TOKEN = 'for-tests-Zt4nYb7cLd9S';

describeWith('chromium', 'the webhooks on the dashboard', (chromium) => {
  const browser = useBrowser(chromium);

  test('are shown where an application is told, and an operator sends a test', async () => {
    const application = new Application();
    let status = 204;
    const { url } = await startWebServer(async (request, response) => {
      application.take(request.headers, await bodyOf(request));
      response.writeHead(status).end();
    });
    const tokens = { adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN };
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

    const viewer = await openDashboard(browser, port, { token: METRICS_TOKEN });
    await viewer.getByText('0 delivered since the start.').waitFor();
    expect(await viewer.getByRole('button', { name: 'Send a test' }).count()).toBe(0);
  });

  test('and nowhere else', async () => {
    const { port } = await startHost({ adminToken: ADMIN_TOKEN });
    const page = await openDashboard(browser, port);
    await tileShows(page, 'Members', '0');
    expect(await page.locator('#webhooks-card').isVisible()).toBe(false);
  });
});
