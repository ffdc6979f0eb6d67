/** The Testbed's order of things, played by pages in a browser: publish, then the socket once packets have been sent. */
import { type TestPage, useBrowser } from '../helpers/browser';
import { describeWith } from '../helpers/programs';
import { Red5 } from '../helpers/red5';
import { pass, startRed5Host } from '../helpers/red5-host';
import { startWebServer } from '../helpers/web-server';

/** Milliseconds between two looks. By default a look comes with each frame, and a hidden tab may draw none. */
const EVEN_IN_THE_BACKGROUND = { polling: 50 };

/** Builds its URL by concatenation, parses every frame and keeps its subscribers by difference, as the Testbed does. */
const PAGE = `<!doctype html><html lang="en"><title>Testbed</title><link rel="icon" href="data:,"><ul></ul><script type="module">
const query = new URLSearchParams(location.search);
const [host, room, streamName] = ['host', 'room', 'streamName'].map((name) => query.get(name));
await fetch('/publish?path=live/' + room + '/' + streamName);
const list = document.querySelector('ul');
const items = new Map();
const socket = new WebSocket('ws://' + host + '?room=' + room + '&streamName=' + streamName);
socket.onmessage = ({ data }) => {
  const payload = JSON.parse(data);
  if (payload.room !== room) return;
  const others = payload.streams.filter((name) => name !== streamName);
  for (const [name, item] of items) if (!others.includes(name)) { item.remove(); items.delete(name); }
  for (const name of others) {
    if (items.has(name)) continue;
    const item = document.createElement('li');
    item.textContent = name;
    items.set(name, item);
    list.append(item);
  }
  document.title = 'joined';
};
</script></html>`;

describeWith('chromium', 'the Testbed’s page, with ROSTER=both', (chromium) => {
  const browser = useBrowser(chromium);
  const shows = (page: TestPage, ...streams: string[]) =>
    page.waitForFunction(
      `document.title === 'joined' && JSON.stringify([...document.querySelectorAll('li')].map((item) => item.textContent)) ===
        ${JSON.stringify(JSON.stringify(streams))}`,
      undefined,
      EVEN_IN_THE_BACKGROUND,
    );

  test('sees whose media dies go within 9 s and come back, and an OBS that has no page', async () => {
    const red5 = await Red5.start();
    const { clock, port, published, unpublished } = await startRed5Host({
      ...red5.standalone,
      roster: 'both',
    });
    const testbed = await startWebServer(async (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://testbed');
      response.setHeader('Content-Type', 'text/html');
      if (pathname !== '/publish') return response.end(PAGE);
      const path = searchParams.get('path') ?? '';
      red5.publish(path);
      await published(path);
      return response.end();
    });
    const open = (name: string) =>
      browser.page(`${testbed.url}/?host=127.0.0.1:${port}&room=red5&streamName=${name}`);
    const anna = await open('anna');
    const ben = await open('ben');
    await shows(anna, 'ben');
    await shows(ben, 'anna');

    await pass(clock, red5, 1);
    red5.unpublish('live/red5/anna');
    await pass(clock, red5, 9);
    await shows(ben);
    await shows(anna, 'ben');
    red5.publish('live/red5/anna');
    await pass(clock, red5, 6);
    await shows(ben, 'anna');

    red5.publish('live/red5/obs');
    await published('live/red5/obs');
    await shows(ben, 'anna', 'obs');
    await shows(anna, 'ben', 'obs');
    red5.unpublish('live/red5/obs');
    await unpublished('live/red5/obs');
    await pass(clock, red5, 3.1);
    await shows(ben, 'anna');
    expect([anna.complaints, ben.complaints]).toEqual([[], []]);
  });
});
