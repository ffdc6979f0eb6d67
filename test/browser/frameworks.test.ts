/** The React hook and the Vue composable, as they are built, in pages made with the frameworks themselves. */
import { join } from 'node:path';
import { build } from 'esbuild';
import { useBrowser } from '../helpers/browser';
import { startHost } from '../helpers/host';
import { describeWith } from '../helpers/programs';
import { startWebServer } from '../helpers/web-server';

/** Each shows a room in `#app`, and lets the test choose the name in it, or undefined to unmount it. */
const PAGES = {
  react: `
    import { createElement, StrictMode, useState } from 'react';
    import { createRoot } from 'react-dom/client';
    import { useRoom } from 'conference-host/react';
    const Room = ({ streamName }) => {
      const { state, streams } = useRoom(address, { room: 'room', streamName });
      return createElement('p', {}, state + ': ' + streams.join());
    };
    const App = () => {
      const [streamName, setName] = useState('anna');
      globalThis.choose = setName;
      return streamName && createElement(Room, { streamName });
    };
    createRoot(app).render(createElement(StrictMode, {}, createElement(App)));`,
  vue: `
    import { createApp, h, ref } from 'vue';
    import { useRoom } from 'conference-host/vue';
    const streamName = ref('anna');
    globalThis.choose = (name) => { streamName.value = name; };
    const Room = {
      props: ['streamName'],
      setup(props) {
        const shown = useRoom(address, () => ({ room: 'room', streamName: props.streamName }));
        return () => h('p', shown.value.state + ': ' + shown.value.streams.join());
      },
    };
    createApp(() => streamName.value && h(Room, { streamName: streamName.value })).mount('#app');`,
};

describeWith('chromium', 'a component', (chromium) => {
  const browser = useBrowser(chromium);

  test.each(['react', 'vue'] as const)('of %s is in its room while it is mounted', async (framework) => {
    const host = await startHost();
    const ben = await host.join('room', 'ben');
    const script = await bundle(PAGES[framework]);
    const site = await startWebServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end(`<link rel="icon" href="data:,"><div id="app"></div>
          <script>const address = 'localhost:${host.port}';</script><script type="module">${script}</script>`);
    });
    const page = await browser.page(site.url);
    const until = (text: string) => page.waitForFunction(`app.innerText === '${text}'`);
    await until('joined: ben,anna');
    const carl = await host.join('room', 'carl');
    await until('joined: ben,anna,carl');
    await page.evaluate(`choose('dora')`);
    await until('joined: ben,carl,dora');
    await carl.leave();
    await until('joined: ben,dora');
    await page.evaluate('choose(undefined)');
    await ben.until('ben');
    await until('');
    expect(page.complaints).toEqual([]);
  });
});

async function bundle(contents: string): Promise<string> {
  const built = join(__dirname, '..', '..', 'dist', 'client');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: __dirname },
    alias: {
      'conference-host/react': join(built, 'react.mjs'),
      'conference-host/vue': join(built, 'vue.mjs'),
    },
    define: {
      'process.env.NODE_ENV': '"development"',
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    bundle: true,
    format: 'esm',
    write: false,
  });
  return outputFiles[0]?.text.replaceAll('</script', '<\\/script') ?? '';
}
