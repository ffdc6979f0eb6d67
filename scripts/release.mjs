// Makes a release: `npm run release -- 1.2.0`. Checks first, and changes the tree only when everything is there: a
// release that fails leaves it as it was. Publishes nothing.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = process.cwd();
const work = mkdtempSync(join(tmpdir(), 'conference-host-release-'));
const [version = ''] = process.argv.slice(2);
const tag = `v${version}`;
const QUIETLY = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
const TRACKED = ['package.json', 'package-lock.json', 'CHANGELOG.md'];

/** Why there is no release. */
class Refusal extends Error {}

const git = (...args) =>
  execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
const json = (folder, file) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
const say = (line) => console.log(`release: ${line}`);

function check(isSo, otherwise) {
  if (!isSo) throw new Refusal(otherwise);
}

function checkVersion() {
  check(/^\d+\.\d+\.\d+$/.test(version), `'${version}' is not a version: npm run release -- 1.2.0`);
  check(git('tag', '--list', tag) === '', `there is a tag ${tag} already`);
  const { version: current } = json(root, 'package.json');
  const isFirst = version === current && git('tag', '--list', 'v*') === '';
  const isNewer = version.localeCompare(current, 'en', { numeric: true }) > 0;
  check(isFirst || isNewer, `${version} is not newer than ${current}`);
}

function checkTree() {
  const changed = git('status', '--porcelain');
  check(changed === '', `the tree is not clean:\n${changed}`);
  const branch = spawnSync('git', ['symbolic-ref', '--quiet', 'HEAD']);
  check(branch.status === 0, 'no branch is checked out');
  check(
    spawnSync('git', ['var', 'GIT_COMMITTER_IDENT']).status === 0,
    'git knows no name and address of yours',
  );
  const sections = readFileSync('CHANGELOG.md', 'utf8').split(/^## \[/m);
  const changes = sections.find((section) => section.startsWith('Unreleased]'));
  check(/^- /m.test(changes ?? ''), 'CHANGELOG.md has nothing under Unreleased');
}

function checkGreen() {
  for (const script of ['lint', 'test', 'typecheck']) {
    say(`npm run ${script}`);
    const { status } = spawnSync(`npm run ${script}`, { stdio: 'inherit', shell: true });
    check(status === 0, `npm run ${script} failed`);
  }
  checkTree();
}

/** Writes the version, and the changelog's heading for it. */
function writeVersion(folder) {
  for (const file of ['package.json', 'package-lock.json']) {
    const content = json(folder, file);
    content.version = version;
    if (content.packages !== undefined) content.packages[''].version = version;
    writeFileSync(join(folder, file), `${JSON.stringify(content, null, 2)}\n`);
  }
  const changelog = join(folder, 'CHANGELOG.md');
  const heading = `## [Unreleased]\n\n## [${version}] - ${new Date().toISOString().slice(0, 10)}\n`;
  writeFileSync(changelog, readFileSync(changelog, 'utf8').replace('## [Unreleased]\n', heading));
}

/** Builds and packs in a clone of its own. @returns the file's path */
async function pack(name) {
  const clone = join(work, name);
  await run('git', ['clone', '--quiet', root, clone]);
  writeVersion(clone);
  await run('npm', ['ci', '--omit=dev', ...QUIETLY], { cwd: clone });
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json'], { cwd: clone });
  return join(clone, JSON.parse(stdout)[0].filename);
}

const hash = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** The package, packed twice, and what it is made of. @returns the paths of both */
async function make() {
  say('packs twice, in two clones');
  const [tarball, again] = await Promise.all([pack('first'), pack('second')]);
  check(
    hash(tarball) === hash(again),
    `two clones pack to different bytes: ${hash(tarball)}, ${hash(again)}`,
  );
  const installed = join(work, 'installed');
  await run('npm', ['install', '--prefix', installed, ...QUIETLY, tarball]);
  const { name } = json(root, 'package.json');
  const ran = await run(join(installed, 'node_modules', '.bin', name), ['--version']);
  check(ran.stdout.trim() === version, `what was packed says that it is ${ran.stdout.trim()}`);
  const sbom = join(work, `${name}-${version}.cdx.json`);
  writeFileSync(sbom, (await run('npm', ['run', '--silent', 'sbom'], { cwd: join(work, 'first') })).stdout);
  return [tarball, sbom];
}

/** Only now does the tree change. */
function record(files) {
  mkdirSync('release', { recursive: true });
  for (const file of files) copyFileSync(file, join('release', basename(file)));
  const sums = files.map((file) => `${hash(file)}  ${basename(file)}\n`).join('');
  writeFileSync(join('release', `SHA256SUMS-${version}`), sums);
  writeVersion(root);
  git('commit', '--quiet', '--message', `Release ${version}`, '--', ...TRACKED);
  git('tag', '--annotate', tag, '--message', `Release ${version}`);
  say(`${tag} is committed and tagged here, and release/ has its files:\n${sums.trimEnd()}`);
  say(`next: git push --follow-tags, and npm publish release/${basename(files[0])}`);
}

try {
  checkVersion();
  checkTree();
  checkGreen();
  record(await make());
} catch (error) {
  console.error(`release: ${error instanceof Refusal ? error.message : (error.stderr ?? error.stack)}`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true });
}
