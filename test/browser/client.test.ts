/** The page of docs/client.md, as it stands there but for the port. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useBrowser } from '../helpers/browser';
import { startHost } from '../helpers/host';
import { describeWith } from '../helpers/programs';
import { startWebServer } from '../helpers/web-server';

const guide = readFileSync(join(__dirname, '..', '..', 'docs', 'client.md'), 'utf8');
const [, example = ''] = /```html\n(<!doctype html>[\s\S]*?)```/.exec(guide) ?? [];

describeWith('chromium', 'the page of the client’s guide', (chromium) => {
  const browser = useBrowser(chromium);

  test('shows who is there, and keeps them while the host restarts', async () => {
    const first = await startHost();
    const site = await startWebServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end(example.replaceAll('8001', String(first.port)));
    });
    const pages = [
      await browser.page(`${site.url}/?name=anna`),
      await browser.page(`${site.url}/?name=${encodeURIComponent('<ben>')}`),
    ];
    const all = (expression: string) => Promise.all(pages.map((page) => page.waitForFunction(expression)));
    await all(`state.textContent === 'joined' && streams.innerText === 'anna\\n<ben>'`);
    await Promise.all(
      pages.map((page) =>
        page.evaluate(`globalThis.removed = [];
        new MutationObserver((changes) => {
          for (const { removedNodes } of changes) for (const line of removedNodes) removed.push(line.textContent);
        }).observe(streams, { childList: true })`),
      ),
    );
    await first.host.close();
    await all(`state.textContent === 'reconnecting'`);
    const second = await startHost({ port: first.port });
    await all(`state.textContent === 'joined'`);
    await (await second.join('red5', 'carla')).leave();
    await all(`streams.innerText === 'anna\\n<ben>' && removed.join() === 'carla'`);
  });
});
