/** Every way to install, with each Node that is supported: `npm run test:nodes`. The npm package `node` brings them. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../helpers/certificates';
import { copyAsCloned, outsideEnv, pack, REPOSITORY } from '../helpers/package';
import { rosterFrom } from '../helpers/started';

const run = promisify(execFile);
const QUIETLY = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
const JOINED = { room: 'r', streams: ['anna'] };
const MINUTES = 60_000;

/** The oldest that `engines` allows, and the newest of each line. */
const versions = process.env.NODES === 'true' ? ['20.19.0', '22', '24'] : [];
if (versions.length === 0) test.skip('each Node (npm run test:nodes)', () => {});

describe.each(versions)('with Node %s', (version) => {
  const folder = temporaryFolder();
  const node = join(folder, 'node');
  const env = {
    ...outsideEnv,
    NODE_ENV: 'production',
    PATH: `${join(node, 'node_modules', 'node', 'bin')}${delimiter}${outsideEnv.PATH}`,
  };
  let tarball = '';

  beforeAll(async () => {
    await mkdir(node);
    await run('npm', ['install', '--prefix', node, `node@${version}`, ...QUIETLY], { env: outsideEnv });
    const { stdout } = await run('node', ['--version'], { env });
    expect(stdout).toMatch(new RegExp(`^v${version}\\b`));
    tarball = (await pack(REPOSITORY, folder)).path;
  }, 5 * MINUTES);

  test(
    'a clone is installed with npm ci --omit=dev and started with npm start',
    async () => {
      const clone = join(folder, 'clone');
      await copyAsCloned(clone);
      await run('npm', ['ci', '--omit=dev', ...QUIETLY], { cwd: clone, env });
      expect(await rosterFrom('npm', ['start'], { cwd: clone, env })).toMatchObject({ roster: JOINED });
    },
    3 * MINUTES,
  );

  test(
    'the packed file is installed for everybody with npm i -g',
    async () => {
      const prefix = join(folder, 'global');
      await run('npm', ['install', '--global', '--prefix', prefix, tarball, ...QUIETLY], { env });
      const command = join(prefix, 'bin', 'conference-host');
      expect(await rosterFrom(command, [], { env })).toEqual({ roster: JOINED, code: 0 });
    },
    MINUTES,
  );

  test(
    'npx runs the packed file',
    async () => {
      const args = ['--yes', `./${basename(tarball)}`];
      expect(await rosterFrom('npx', args, { cwd: folder, env })).toMatchObject({ roster: JOINED });
    },
    MINUTES,
  );
});
