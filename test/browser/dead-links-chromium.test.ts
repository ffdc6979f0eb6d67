import { type BrowserServer, type CDPSession, chromium, type Page } from 'playwright-core';
import { describeWith } from '../helpers/programs';
import { type StoryPage, tellStories } from './dead-links';

describeWith('chromium', 'in Chromium', (executablePath) => {
  let server: BrowserServer;
  let page: Page;
  let debug: CDPSession;

  beforeAll(async () => {
    server = await chromium.launchServer({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
    const browser = await chromium.connect(server.wsEndpoint());
    page = await browser.newPage();
    debug = await page.context().newCDPSession(page);
  });
  afterEach(() => page.goto('about:blank'));
  afterAll(() => server.kill());

  const story: StoryPage = { evaluate: (expression) => page.evaluate(expression) };

  tellStories({
    freezes: true,
    open: async (url) => {
      await page.goto(url);
      return story;
    },
    inBackground: async (_page, what) => {
      await debug.send('Page.setWebLifecycleState', { state: 'frozen' });
      await what();
      await debug.send('Page.setWebLifecycleState', { state: 'active' });
    },
    signal: (name) => {
      const { pid } = server.process();
      if (pid !== undefined) process.kill(-pid, name);
    },
  });
});
