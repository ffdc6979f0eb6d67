/** The pages for operators name what exists, and their commands and configurations work as they stand. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Refusal, refusals } from '../../src/door/refusals';
import { COMMANDS, readCommandLine } from '../../src/settings/command-line';
import { type Setting, settingsTable } from '../../src/settings/table';
import { temporaryFolder } from '../helpers/certificates';
import { HostProcess } from '../helpers/process';
import { describeWith } from '../helpers/programs';

const ROOT = join(__dirname, '..', '..');
const ANSWERS = ['docs/README.md', 'docs/moving.md', 'docs/deploy.md', 'docs/troubleshooting.md'];
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);
const TOKEN = 'for-tests-Kx8vQz3mWp6R';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const source = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => read(join('src', name)))
  .join('\n');

const metrics = ['metrics', 'media-metrics', 'backplane-metrics']
  .map((name) => read(`src/http/${name}.ts`))
  .join('\n');
const cuts = read('src/logging/events.ts');
/** Settings of other programs that read like a refusal. */
const FOREIGN = new Set(['kill_timeout', 'proxy_read_timeout', 'stop_grace_period']);

const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found);
const blocks = (file: string, language: string) =>
  matches(read(file), new RegExp(`^ *\`\`\`${language}\n([^]*?)^ *\`\`\``, 'gm'));
const prose = (file: string) => read(file).replace(/^ *```.*?^ *```/gms, '');
/** What stands between backticks. */
const quoted = (file: string) => matches(prose(file), /`([^`\n]+)`/g);

const table = Object.values<Refusal>(refusals);
const variables = new Set(Object.values<Setting<unknown>>(settingsTable).map(({ variable }) => variable));

describe.each(ANSWERS)('%s names', (file) => {
  test('only settings that there are', () => {
    const named = quoted(file).flatMap((text) =>
      matches(text, /^([A-Z][A-Z0-9]*_[A-Z0-9_]+|PORT|HOST|SSL)\b/g),
    );
    expect(named.filter((name) => !variables.has(name.replace(/_FILE$/, '')))).toEqual([]);
  });

  test('only metrics that there are', () => {
    const named = quoted(file).flatMap((text) => matches(text, /\bconference_(?!host\b)((?:[a-z]+_?)+)/g));
    const missing = named.filter((name) => !metrics.includes(`'${name.replace(/^(media|backplane)_/, '')}'`));
    expect(missing).toEqual([]);
  });

  test('only close codes of ours', () => {
    const codes = new Set(table.map(({ code }) => code));
    const named = matches(prose(file), /(?<![\d:])(4[04]\d\d)\b/g).map(Number);
    expect(named.filter((code) => !codes.has(code))).toEqual([]);
  });

  test('only refusals and reasons for a cut that there are', () => {
    const names = new Set(table.map(({ name }) => name));
    const named = quoted(file).filter((text) => /^[a-z]+(?:_[a-z]+)+$/.test(text));
    const isKnown = (name: string) =>
      names.has(name) ||
      new RegExp(
        `^  ${name}: *['
]`,
        'm',
      ).test(cuts);
    const ours = named.filter((name) => !name.startsWith('conference_') && !FOREIGN.has(name));
    expect(ours.filter((name) => !isKnown(name))).toEqual([]);
  });

  test('only commands that there are', () => {
    const named = matches(read(file), /node dist\/main\.js ([a-z]+)/g);
    expect(named.filter((command) => !COMMANDS.has(command))).toEqual([]);
  });
});

test.each(ANSWERS)('log lines that %s quotes are those of the code', (file) => {
  const sentences = quoted(file).filter((text) => /^[a-z]+(?: [a-z]+:?){2,}$/.test(text));
  const others = [
    'joined',
    'left',
    'refused',
    'listening',
    'doors',
    'cut off',
    'authorised',
    'silent for',
    'reads nothing',
  ];
  const lines = [...sentences, ...quoted(file).filter((text) => others.includes(text))];
  expect(lines.filter((line) => !new RegExp(`['\`]${line}`).test(source))).toEqual([]);
});

test.each(PAGES)('links of %s lead somewhere', (file) => {
  const links = matches(prose(file), /\]\(([^)\s]+)\)/g).filter((link) => !/^[a-z]+:/.test(link));
  const broken = links.filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? file : join(dirname(file), path);
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && !anchors(target).includes(anchor);
  });
  expect(broken).toEqual([]);
});

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(file: string): string[] {
  return matches(prose(file), /^#+ (.*)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('the commands of troubleshooting.md work as they stand, against a host that runs', async () => {
  const { port } = await HostProcess.listening({ ADMIN_TOKEN: TOKEN });
  const commands = blocks('docs/troubleshooting.md', 'sh').filter((block) => !/openssl|red5$/m.test(block));
  expect(commands).toHaveLength(4);
  for (const command of commands) {
    const here = command
      .replaceAll('localhost:8001', `127.0.0.1:${port}`)
      .replace(/main\.js \w+/, `$& --url http://127.0.0.1:${port}`);
    const ran = spawnSync('sh', ['-ec', here.replace('--max-time 2', '--max-time 0.3')], {
      cwd: ROOT,
      env: { ...process.env, ADMIN_TOKEN: TOKEN },
    });
    const isHandshake = command.includes('Upgrade');
    // curl's code for "the time is up": a member stays until then.
    expect([command, ran.status]).toEqual([command, isHandshake ? 28 : 0]);
    for (const status of matches(ran.stdout.toString(), /HTTP\/1.1 (\d+)/g))
      expect(status).toBe(isHandshake ? '101' : '200');
    if (isHandshake) expect(ran.stdout.toString()).toMatch(/101 Switching.*"streams":\["probe"\]/s);
  }
});

test.each(ANSWERS)('commands of %s are complete', (file) => {
  for (const command of blocks(file, 'sh')) {
    expect(spawnSync('sh', ['-n', '-c', command], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  }
});

test('the configuration for pm2 has settings that the host takes, and more time to stop than it needs', () => {
  const [configuration = ''] = blocks('docs/deploy.md', 'js');
  const file = join(temporaryFolder(), 'ecosystem.config.cjs');
  writeFileSync(file, configuration);
  const { apps } = require(file) as { apps: [{ env: Record<string, string>; kill_timeout: number }] };
  expect(readCommandLine([], apps[0].env, '')).toMatchObject({ kind: 'run', settings: { drainTimeout: 20 } });
  expect(apps[0].kill_timeout).toBeGreaterThan((20 + 5) * 1_000);
});

test('the configuration for Windows has settings that the host takes', () => {
  const [configuration = ''] = blocks('docs/deploy.md', 'xml');
  const env = [...configuration.matchAll(/<env name="(\w+)" value="(\w+)"\/>/g)];
  const given = Object.fromEntries(env.map(([, name, value]) => [name, value]));
  expect(readCommandLine([], given, '')).toMatchObject({ settings: { port: 8001, drainTimeout: 20 } });
});

describeWith('systemd-analyze', 'with systemd', (path) => {
  test('the unit of operations.md is one that systemd takes', () => {
    const [unit = ''] = blocks('docs/operations.md', 'ini');
    const file = join(temporaryFolder(), 'conference-host.service');
    // Node may be elsewhere on this machine.
    expect(unit).toContain('/usr/bin/node');
    writeFileSync(file, unit.replace('/usr/bin/node', process.execPath));
    const { status, stderr } = spawnSync(path, ['verify', '--man=no', file], { encoding: 'utf8' });
    const complaints = stderr.split('\n').filter((line) => line.includes(file));
    expect({ status, complaints }).toEqual({ status: 0, complaints: [] });
  });
});
