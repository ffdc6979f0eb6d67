/** A clone on a server: installed without what developers need, started, and packed. */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../helpers/certificates';
import { copyAsCloned, outsideEnv, pack, REPOSITORY } from '../helpers/package';
import { describeOnDemand } from '../helpers/programs';
import { rosterFrom } from '../helpers/started';

const run = promisify(execFile);
const clone = join(temporaryFolder(), 'clone');
const env = { ...outsideEnv, NODE_ENV: 'production' };

describeOnDemand('test:install', 'a clone', () => {
  beforeAll(async () => {
    await copyAsCloned(clone);
    await run(
      'npm',
      ['ci', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
      {
        cwd: clone,
        env,
      },
    );
  }, 180_000);

  test('npm start runs a host that a client joins', async () => {
    const { roster } = await rosterFrom('npm', ['start'], { cwd: clone, env });
    expect(roster).toEqual({ room: 'r', streams: ['anna'] });
  }, 30_000);

  test('packs to the same bytes as this repository, which was built elsewhere', async () => {
    const [here, there] = await Promise.all([
      pack(clone, temporaryFolder()),
      pack(REPOSITORY, temporaryFolder()),
    ]);
    expect(here.files).toEqual(there.files);
    expect(here.integrity).toBe(there.integrity);
  });

  test('npm start says how to build what is not built', async () => {
    await rm(join(clone, 'dist'), { recursive: true });
    const { code, stderr } = await run('npm', ['start'], { cwd: clone, env }).catch((error) => error);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^conference-host: dist\/ is not built: run npm ci .*\n$/),
    });
  });
});
