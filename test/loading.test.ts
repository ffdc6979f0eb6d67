/** What the compiled process has loaded after an ordinary start. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './helpers/certificates';
import { HostProcess } from './helpers/process';

test('an ordinary start loads no commands, no demo, no certificates, no terminal', async () => {
  const told = join(temporaryFolder(), 'told.cjs');
  const tell = "require('node:fs').writeSync(2, Object.keys(require.cache).join('\\n'))";
  writeFileSync(told, `process.on('SIGUSR2', () => { ${tell}; process.exit(); })`);
  const host = await HostProcess.listening({ NODE_OPTIONS: `--require=${told}` });
  await host.line('doors');
  host.kill('SIGUSR2');
  const { stderr } = await host.exit;
  expect(stderr).toMatch('/dist/listening/listener.js');
  expect(stderr.match(/.*(?:dist\/(?:cli|demo)|self-signed\/|node-forge|pino-pretty).*/g)).toBeNull();
});
