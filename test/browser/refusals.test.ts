import { type Browser, chromium, type Page } from 'playwright-core';
import { joinTarget, startHost, type TestHost } from '../helpers/host';
import { describeWith } from '../helpers/programs';
import { hsToken, SECRET } from '../helpers/tokens';
import { startWebServer } from '../helpers/web-server';

describeWith('chromium', 'a page in Chromium', (executablePath) => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    page = await browser.newPage();
    const { url } = await startWebServer((_request, response) => response.end('<!doctype html>'));
    await page.goto(url);
  });

  afterAll(() => browser.close());

  /** Opens a WebSocket in a page of a web site, and returns what the page learns first. */
  function whatThePageLearns({ port }: TestHost, target: string, protocols: string[] = []) {
    return page.evaluate(openInPage, [`ws://127.0.0.1:${port}${target}`, protocols] as const);
  }

  const TARGET = joinTarget('room', 'anna');

  test.each([
    ['4401 without a token', TARGET, 4401, 'the token is missing'],
    ['4401 with a bad token', `${TARGET}&token=bad`, 4401, 'the token is malformed'],
    [
      '4403 for another room',
      `${TARGET}&token=${hsToken({ room: 'x' })}`,
      4403,
      'the token is for another room',
    ],
  ])('reads %s', async (_what, target, code, reason) => {
    const host = await startHost({ jwtSecret: SECRET });
    expect(await whatThePageLearns(host, target)).toEqual({ code, reason, wasClean: true });
  });

  test.each([
    ['in the query of the address, as the Testbed does', `/?token=${hsToken()}&${TARGET.slice(1)}`, []],
    ['among its subprotocols', TARGET, ['conference', hsToken()]],
  ])('gets in with a token %s', async (_where, target, protocols) => {
    const host = await startHost({ jwtSecret: SECRET });
    expect(await whatThePageLearns(host, target, protocols)).toEqual({
      protocol: protocols[0] ?? '',
      data: '{"room":"room","streams":["anna"]}',
    });
  });

  test('from a foreign origin only learns that it failed', async () => {
    const host = await startHost({ allowedOrigins: ['https://a.example'] });
    expect(await whatThePageLearns(host, TARGET)).toEqual({ code: 1006, reason: '', wasClean: false });
  });
});

/** Runs in the page. */
function openInPage([address, protocols]: readonly [string, string[]]): Promise<object> {
  const page = globalThis as unknown as { WebSocket: typeof import('ws').WebSocket };
  const socket = new page.WebSocket(address, protocols);
  return new Promise((resolve) => {
    socket.onmessage = ({ data }) => resolve({ protocol: socket.protocol, data });
    socket.onclose = ({ code, reason, wasClean }) => resolve({ code, reason, wasClean });
  });
}
