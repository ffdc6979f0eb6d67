/**
 * What the client library does in a browser whose links go dead: stories for every browser. The host promises its beats
 * ten times as often as it gives them, so the library asks for some, and whatever takes it 25 s takes 2.5 s.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestClient } from '../helpers/client';
import { startHost } from '../helpers/host';
import { MuteProxy } from '../helpers/mute-proxy';
import { startWebServer } from '../helpers/web-server';

export interface StoryBrowser {
  /** A page in front of all others. */
  open(url: string): Promise<StoryPage>;
  /** Whether tabs in the background are frozen; otherwise they are hidden. */
  readonly freezes: boolean;
  /** Does something while a page is in the background. */
  inBackground(page: StoryPage, what: () => Promise<void>): Promise<void>;
  /** To all its processes. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
}

export interface StoryPage {
  evaluate(expression: string): Promise<unknown>;
}

/** Milliseconds: longer than the machine must sleep for the library to notice it. */
const SLEEP = 1_000;

export function tellStories(browser: StoryBrowser): void {
  /** A page with a room, whom others see through its host, and which sees them through a proxy. */
  async function join(hurry: 1 | 10) {
    const host = await startHost();
    const proxy = await MuteProxy.start(host.port, hurry);
    const site = await startWebServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end(`<!doctype html><link rel="icon" href="data:,">
        <script type="module">
          import { joinRoom } from 'http://127.0.0.1:${host.port}/client.js';
          globalThis.seen = [];
          globalThis.room = joinRoom('127.0.0.1:${proxy.port}', { room: 'room', streamName: 'anna' });
          for (const type of ['open', 'reconnecting', 'closed']) {
            room.addEventListener(type, () => { if (seen.at(-1) !== type) seen.push(type); });
          }
          room.addEventListener('roster', ({ left }) => seen.push(...left));
        </script>`);
    });
    const ben = await host.join('room', 'ben');
    const page = await browser.open(site.url);
    await ben.until('ben', 'anna');
    return { host, proxy, ben, page };
  }

  /** Until the page has seen so much. */
  async function until(page: StoryPage, ...wanted: string[]): Promise<void> {
    while (String(await page.evaluate('globalThis.seen')) !== String(wanted)) await sleep(50);
  }

  /** Whether somebody whom nothing has happened to would think that the page had gone. */
  const hasMissed = (ben: TestClient) => ben.unread().some((frame) => !frame.includes('anna'));

  test('a link that goes mute is noticed, and nobody misses the page', async () => {
    const { proxy, ben, page } = await join(10);
    await until(page, 'open');
    proxy.goMute();
    await until(page, 'open', 'reconnecting', 'open');
    expect(await page.evaluate('room.streams')).toEqual(['ben', 'anna']);
    expect(hasMissed(ben)).toBe(false);
  });

  test('a link that has died while the machine slept is noticed as it wakes', async () => {
    const { proxy, ben, page } = await join(10);
    await until(page, 'open');
    browser.signal('SIGSTOP');
    proxy.goMute();
    await sleep(SLEEP);
    browser.signal('SIGCONT');
    await until(page, 'open', 'reconnecting', 'open');
    expect(hasMissed(ben)).toBe(false);
  });

  test('a host that restarts is come back to, and nobody has left', async () => {
    const { host, page } = await join(1);
    await until(page, 'open');
    await host.host.close();
    await until(page, 'open', 'reconnecting');
    const second = await startHost({ port: host.port });
    await until(page, 'open', 'reconnecting', 'open');
    await second.join('room', 'ben');
    await second.join('room', 'carl');
    while (!String(await page.evaluate('room.streams')).includes('carl')) await sleep(50);
    expect(String(await page.evaluate('seen'))).toBe('open,reconnecting,open');
  });

  test('a link that has died while the tab was in the background is noticed as it comes back', async () => {
    const { proxy, ben, page } = await join(browser.freezes ? 10 : 1);
    await until(page, 'open');
    await browser.inBackground(page, async () => {
      proxy.goMute();
      if (browser.freezes) await sleep(SLEEP);
    });
    await until(page, 'open', 'reconnecting', 'open');
    expect(hasMissed(ben)).toBe(false);
  });
}
