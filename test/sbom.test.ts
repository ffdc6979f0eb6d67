/** What the host is made of, as `npm run sbom` prints it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dependencies, devDependencies, name } from '../package.json';
import { dependencies as buildDependencies } from '../scripts/package.json';

const run = promisify(execFile);

test('the list of what the host runs on needs no network, and has what is installed with it and nothing else', async () => {
  const nowhere = { npm_config_registry: 'http://127.0.0.1:9', npm_config_offline: 'true' };
  const { stdout } = await run('npm', ['run', '--silent', 'sbom'], {
    cwd: join(__dirname, '..'),
    env: { ...process.env, ...nowhere },
    maxBuffer: 16 << 20,
  });
  const { bomFormat, metadata, components } = JSON.parse(stdout);
  expect([bomFormat, metadata.component['bom-ref']]).toEqual(['CycloneDX', expect.stringMatching(name)]);
  const listed: string[] = components.map((component: { name: string }) => component.name);
  expect(listed).toEqual(expect.arrayContaining(Object.keys(dependencies)));
  const others = { ...devDependencies, ...buildDependencies };
  expect(listed.filter((listedName) => listedName in others)).toEqual([]);
  for (const { version, hashes } of components) {
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(hashes).toHaveLength(1);
  }
});
