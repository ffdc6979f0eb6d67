/** The ways to install that docs/deploy.md has, with each Node that is supported: `npm run test:install`. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../helpers/certificates';
import { read } from '../helpers/deploy';
import { copyAsCloned, outsideEnv, pack, REPOSITORY } from '../helpers/package';
import { describeOnDemand } from '../helpers/programs';
import { rosterFrom } from '../helpers/started';

const run = promisify(execFile);
const QUIETLY = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
/** From a clone, from a packed file for everybody, and from one with npx. */
const [CLONE = '', GLOBAL = '', NPX = ''] = [...read('docs/deploy.md').matchAll(/```sh\n(.*?)```/gs)].map(
  ([, block]) => block,
);
const JOINED = { room: 'r', streams: ['anna'] };

/** The oldest that `engines` allows, and the newest of each line; the npm package `node` brings them. */
const VERSIONS = ['20.19.0', '22', '24'];

describeOnDemand('test:install', 'the ways to install', () => {
  describe.each(VERSIONS)('with Node %s', installs);
});

function installs(version: string): void {
  const folder = temporaryFolder();
  const node = join(folder, 'node');
  const env = {
    ...outsideEnv,
    NODE_ENV: 'production',
    PATH: `${join(node, 'node_modules', 'node', 'bin')}${delimiter}${outsideEnv.PATH}`,
  };

  beforeAll(async () => {
    await mkdir(node);
    await run('npm', ['install', '--prefix', node, `node@${version}`, ...QUIETLY], { env: outsideEnv });
    const { stdout } = await run('node', ['--version'], { env });
    expect(stdout).toMatch(new RegExp(`^v${version}\\b`));
    await pack(REPOSITORY, folder);
  }, 300_000);

  const runs = (block: string, cwd: string, more: NodeJS.ProcessEnv = {}) =>
    rosterFrom('sh', ['-ec', block], { cwd, env: { ...env, npm_config_prefer_offline: 'true', ...more } });

  test('a clone is installed and started', async () => {
    expect(CLONE).toMatch('npm ci --omit=dev');
    const clone = join(folder, 'clone');
    await copyAsCloned(clone);
    expect(await runs(CLONE, clone)).toMatchObject({ roster: JOINED });
  }, 180_000);

  test('the packed file is installed for everybody', async () => {
    expect(GLOBAL).toMatch('npm install --global');
    const prefix = join(folder, 'global');
    const PATH = `${join(prefix, 'bin')}${delimiter}${env.PATH}`;
    expect(await runs(GLOBAL, folder, { PATH, npm_config_prefix: prefix })).toMatchObject({ roster: JOINED });
  }, 60_000);

  test('the packed file is run by npx', async () => {
    expect(NPX).toMatch('npx ./');
    expect(await runs(NPX, folder, { npm_config_yes: 'true' })).toMatchObject({ roster: JOINED });
  }, 60_000);
}
