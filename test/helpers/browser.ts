/** Pages in a real Chromium. */
import axe from 'axe-core';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

export interface TestBrowser {
  /** A page, with a session of its own unless it shares one; what it complains of is collected. */
  page(url: string, context?: BrowserContext): Promise<TestPage>;
  /** A session on a phone: small, and without a pointer. */
  phone(): Promise<BrowserContext>;
  /** A session that trusts every certificate. */
  trusting(): Promise<BrowserContext>;
}

export type TestPage = Page & { readonly complaints: string[] };

/** Starts a browser for the tests of a `describe`, and closes each test's pages after it. */
export function useBrowser(executablePath: string): TestBrowser {
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: FLAGS });
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
  });
  afterAll(() => browser?.close());
  const session = async (options: BrowserContextOptions) => {
    if (browser === undefined) throw new Error('the browser is not started yet');
    const context = await browser.newContext({ colorScheme: 'light', reducedMotion: 'reduce', ...options });
    contexts.push(context);
    return context;
  };
  return {
    phone: () => session({ viewport: PHONE, hasTouch: true, isMobile: true }),
    trusting: () => session({ viewport: DESK, ignoreHTTPSErrors: true }),
    page: async (url, shared) => {
      const context = shared ?? (await session({ viewport: DESK }));
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      await page.goto(url);
      return Object.assign(page, { complaints });
    },
  };
}

/**
 * What is wrong with a page as it is now, in words: what axe-core finds in the light on a desk, and in the dark on a
 * phone, and a page that is wider than a phone.
 */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Evaluated by the debugger: a script element would meet the page's Content-Security-Policy.
  await page.evaluate(`globalThis.axe ?? (() => { ${axe.source} })()`);
  const problems = async (how: string) => {
    const { violations } = await page.evaluate<axe.AxeResults>(`axe.run({ resultTypes: ['violations'] })`);
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${how}, ${id}: ${html}`));
  };
  const found = await problems('light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize(PHONE);
  found.push(...(await problems('dark, on a phone')));
  await page.emulateMedia({ colorScheme: 'light' });
  const width = await page.evaluate('document.documentElement.scrollWidth');
  if (width !== PHONE.width) found.push(`the page is ${width} pixels wide on a phone`);
  await page.setViewportSize(DESK);
  return found;
}
