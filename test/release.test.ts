/** `npm run release`, in a small repository of its own that has the same scripts. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './helpers/certificates';
import { outsideEnv, REPOSITORY } from './helpers/package';
import { describeOnDemand } from './helpers/programs';

const SCRIPT = join(REPOSITORY, 'scripts', 'release.mjs');
const CHANGELOG = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n';
const BUILD = `
  const program = "#!/usr/bin/env node\\nconsole.log(require('../package.json').version)";
  require('node:fs').mkdirSync('dist', { recursive: true });
  require('node:fs').writeFileSync('dist/main.js', program);
`;
const name = 'small';
const PACKAGE = {
  name,
  version: '0.1.0',
  bin: 'dist/main.js',
  files: ['dist'],
  scripts: {
    build: 'node build.js',
    prepare: 'node build.js',
    lint: 'node --version',
    test: 'node --version',
    typecheck: 'node --version',
    sbom: 'npm sbom --sbom-format cyclonedx --package-lock-only',
  },
};
const identity = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org' };
const committer = { GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org' };
const env = { ...outsideEnv, ...identity, ...committer, GIT_CONFIG_GLOBAL: '/dev/null' };
const folder = temporaryFolder();

const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, env, encoding: 'utf8' }).trim();
const release = (version: string) => {
  const { status, stderr } = spawnSync('node', [SCRIPT, version], { cwd: folder, env, encoding: 'utf8' });
  return { status, stderr };
};
const refused = (reason: string) => ({ status: 1, stderr: expect.stringMatching(`^release: ${reason}`) });
const write = (files: Readonly<Record<string, unknown>>) => {
  for (const [file, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`;
    writeFileSync(join(folder, file), text);
  }
};

const whole = {
  '.gitignore': 'dist\nrelease\n',
  'CHANGELOG.md': CHANGELOG,
  'build.js': BUILD,
  'package.json': PACKAGE,
  'package-lock.json': {
    ...{ name, version: '0.1.0', lockfileVersion: 3, requires: true },
    packages: { '': { name, version: '0.1.0', bin: { small: 'dist/main.js' } } },
  },
};

describeOnDemand('test:install', 'npm run release', () => {
  beforeEach(() => {
    rmSync(folder, { recursive: true });
    execFileSync('mkdir', [folder]);
    write(whole);
    git('init', '--quiet', '--initial-branch=main');
    git('add', '.');
    git('commit', '--quiet', '--message', 'Begin');
  });

  const commit = (files: Readonly<Record<string, unknown>>) => {
    write(files);
    git('commit', '--quiet', '--all', '--message', 'Change');
  };

  test('writes version, heading and tag, and leaves the file with its hash and its parts', () => {
    expect(release('0.2.0')).toEqual({ status: 0, stderr: '' });
    expect(git('status', '--porcelain')).toBe('');
    expect(git('show', '--no-patch', '--format=%s', 'v0.2.0^{commit}')).toBe('Release 0.2.0');
    expect(git('cat-file', '-t', 'v0.2.0')).toBe('tag');
    expect(JSON.parse(git('show', 'v0.2.0:package.json')).version).toBe('0.2.0');
    expect(JSON.parse(git('show', 'v0.2.0:package-lock.json'))).toMatchObject({
      version: '0.2.0',
      packages: { '': { version: '0.2.0' } },
    });
    expect(git('show', 'v0.2.0:CHANGELOG.md')).toMatch(
      /## \[Unreleased\]\n\n## \[0\.2\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n\n- A thing\./,
    );
    const made = join(folder, 'release');
    expect(readdirSync(made)).toEqual(['SHA256SUMS-0.2.0', 'small-0.2.0.cdx.json', 'small-0.2.0.tgz']);
    const [sum] = readFileSync(join(made, 'SHA256SUMS-0.2.0'), 'utf8').split(' ');
    const packed = readFileSync(join(made, 'small-0.2.0.tgz'));
    expect(sum).toBe(createHash('sha256').update(packed).digest('hex'));
    expect(release('0.3.0')).toEqual(refused('CHANGELOG.md has nothing under Unreleased'));
  }, 60_000);

  test('changes nothing if two clones pack to different bytes', () => {
    commit({
      'build.js': BUILD.replace("version)'", "version)//' + process.hrtime()").replace(
        '";',
        ' //" + process.hrtime();',
      ),
    });
    const before = git('rev-parse', 'HEAD');
    expect(release('0.2.0')).toEqual(refused('two clones pack to different bytes'));
    expect([git('rev-parse', 'HEAD'), git('tag'), git('status', '--porcelain')]).toEqual([before, '', '']);
    expect(existsSync(join(folder, 'release'))).toBe(false);
  }, 60_000);

  test('stops where a check fails', () => {
    const script = 'typecheck';
    commit({
      'package.json': { ...PACKAGE, scripts: { ...PACKAGE.scripts, [script]: 'node -e process.exit(1)' } },
    });
    expect(release('0.2.0')).toEqual({
      status: 1,
      stderr: expect.stringMatching(`release: npm run ${script} failed`),
    });
    expect(git('tag')).toBe('');
  });

  test('stops where the tree is not clean', () => {
    write({ 'new.js': '' });
    expect(release('0.2.0')).toEqual(refused('the tree is not clean:\n\\?\\? new.js'));
  });

  test.each([
    ['', "'' is not a version"],
    ['next', "'next' is not a version"],
    ['0.0.9', '0.0.9 is not newer than 0.1.0'],
  ])('takes no version %p', (version, reason) => {
    expect(release(version)).toEqual(refused(reason));
  });

  test('takes a version once', () => {
    git('tag', 'v0.2.0');
    expect(release('0.2.0')).toEqual(refused('there is a tag v0.2.0 already'));
    expect(release('0.1.0')).toEqual(refused('0.1.0 is not newer than 0.1.0'));
  });
});
