/** The package as it would be published, installed into an empty project. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import ts from 'typescript';
import { outsideEnv as env, type Packed, pack, REPOSITORY } from '../helpers/package';
import { describeOnDemand } from '../helpers/programs';

const run = promisify(execFile);
const ATTW = join(REPOSITORY, 'node_modules', '.bin', 'attw');
const QUIETLY = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

let project = '';
let packed: Packed;

describeOnDemand('test:install', 'the installed package', () => {
  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'conference-host-'));
    packed = await pack(REPOSITORY, project);
    await writeFile(join(project, 'package.json'), '{ "private": true }');
    await run('npm', ['install', packed.path, ...QUIETLY], { cwd: project, env });
    await symlink(join(REPOSITORY, 'node_modules', '@types'), join(project, 'node_modules', '@types'));
  }, 120_000);

  afterAll(() => rm(project, { recursive: true, force: true }));

  const inProject = async (program: string, ...args: string[]) => {
    const { stdout } = await run(program, args, { cwd: project, env });
    return stdout.trim();
  };

  test('is run by npx', async () => {
    expect(await inProject('npx', '--no-install', 'conference-host', '--version')).toMatch(/^\d+\.\d+\.\d+$/);
  }, 30_000);

  test('is installed as a command for everybody', async () => {
    const prefix = join(project, 'global');
    await run('npm', ['install', '--global', '--prefix', prefix, packed.path, ...QUIETLY], { env });
    const { stdout } = await run(join(prefix, 'bin', 'conference-host'), ['--version'], { env });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  }, 30_000);

  test('an unpacked file has nothing to build, and starts where it lies', async () => {
    const unpacked = join(project, 'unpacked');
    await mkdir(unpacked);
    await run('tar', ['-xzf', packed.path, '-C', unpacked, '--strip-components=1']);
    // What `npm install` would do there, without asking the registry for all development dependencies.
    const { stderr } = await run('npm', ['run', '--silent', 'prepare'], { cwd: unpacked, env });
    expect(stderr).toBe('');
    const { stdout } = await run('npm', ['start', '--silent', '--', '--version'], { cwd: unpacked, env });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  }, 30_000);

  describe('the packed file', () => {
    test('has what its documents link to', async () => {
      const pages = packed.files.filter((file) => file.endsWith('.md'));
      expect(pages).toEqual(expect.arrayContaining(['README.md', 'CHANGELOG.md', 'docs/deploy.md']));
      const broken = await Promise.all(
        pages.map(async (page) => {
          const text = await readFile(join(REPOSITORY, page), 'utf8');
          const links = [...text.matchAll(/\]\(([^)#\s]+)|(?:src|srcset)="([^"]+)"/g)].map(
            ([, a, b]) => a ?? b ?? '',
          );
          const ours = links.filter((link) => !/^[a-z]+:/.test(link));
          return ours.map((link) => join(dirname(page), link)).filter((file) => !packed.files.includes(file));
        }),
      );
      expect(broken.flat()).toEqual([]);
    });

    test('has no tests, no source and nothing of this machine', () => {
      const wanted =
        /^(deploy|dist|docs)\/|^scripts\/(prepare\.mjs|start\.cjs)$|^[A-Z]+(\.md)?$|^llms\.txt$|^package\.json$/;
      expect(packed.files.filter((file) => !wanted.test(file) || /test/.test(file))).toEqual([]);
    });
  });

  test('serves its pages', async () => {
    const host = spawn(join(project, 'node_modules', '.bin', 'conference-host'), {
      env: { ...env, PORT: '0', HOST: '127.0.0.1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      for await (const line of createInterface({ input: host.stdout })) {
        const [url] = JSON.parse(line).urls;
        for (const path of [
          '/',
          '/dashboard',
          '/client.js',
          '/pages/dashboard.js',
          '/llms.txt',
          '/docs/api.md',
        ]) {
          const { status } = await fetch(new URL(path, url.replace('ws', 'http')));
          expect([path, status]).toEqual([path, 200]);
        }
        break;
      }
    } finally {
      host.kill('SIGKILL');
      await once(host, 'exit');
    }
  });

  test('is required, with the client', async () => {
    const program = `
    const { createConferenceHost } = require('conference-host');
    const { version } = require('conference-host/package.json');
    console.log(typeof createConferenceHost, typeof version);`;
    expect(await inProject('node', '-e', program)).toBe('function string');
  });

  test('is imported, and a program joins its own host with the client', async () => {
    const program = `
    import { createConferenceHost } from 'conference-host';
    import { joinRoom } from 'conference-host/client';
    const host = createConferenceHost({ port: 0, host: '127.0.0.1' });
    const { port } = await host.start();
    const room = joinRoom('ws://127.0.0.1:' + port, { room: 'r', streamName: 'anna' });
    room.addEventListener('roster', ({ streams }) => { console.log(streams.join()); room.leave(); });
    room.addEventListener('closed', () => host.close());`;
    expect(await inProject('node', '--input-type=module', '-e', program)).toBe('anna');
  });

  test('the client says in a few short lines what is wrong', async () => {
    const program = `
    import { joinRoom } from 'conference-host/client';
    joinRoom('nowhere', { room: 'r', streamName: 'anna' });`;
    const { stderr } = await run('node', ['--input-type=module', '-e', program], { cwd: project, env }).catch(
      (error) => error,
    );
    expect(stderr).toMatch("TypeError: 'nowhere' is not an address, such as wss://host:8001");
    for (const line of stderr.split('\n')) expect(line.length).toBeLessThan(200);
  });

  test('without any WebSocket the client says in one line what to do', async () => {
    const alone = await mkdtemp(join(tmpdir(), 'conference-client-'));
    try {
      await copyFile(join(REPOSITORY, 'dist', 'client', 'index.mjs'), join(alone, 'client.mjs'));
      const program = `
      delete globalThis.WebSocket;
      const { joinRoom } = await import('./client.mjs');
      const room = joinRoom('localhost:8001', { room: 'r', streamName: 'anna' });
      room.addEventListener('closed', ({ code }) => console.log(code));`;
      const { stdout, stderr } = await run('node', ['--input-type=module', '-e', program], {
        cwd: alone,
        env,
      });
      expect(stdout).toBe('1002\n');
      expect(stderr).toMatch(/^conference-host\/client: there is no WebSocket: use Node 22, or .+\n$/);
    } finally {
      await rm(alone, { recursive: true });
    }
  });

  const SOURCE = `
  import { joinRoom, type ConferenceRoom } from 'conference-host/client';
  const room: ConferenceRoom = joinRoom('wss://host:8001', { room: 'r', streamName: 's', token: async () => 't' });
  room.addEventListener('roster', ({ streams, joined, left }) => [...streams, ...joined, ...left].map((name) => name.length));
  room.addEventListener('reconnecting', ({ attempt, delay, code, reason }) => attempt + delay + code + reason.length, { once: true });
  room.addEventListener('closed', ({ code }) => code.toFixed());
  room.addEventListener('closed', { handleEvent: ({ reason }) => reason.length });
  room.addEventListener('metadata', () => room.metadata.get('ben')?.name);
  room.setMetadata({ name: 'Anna', hand: true });
  joinRoom('localhost:8001', { room: 'r', observe: true });
  // @ts-expect-error only observers need no name
  joinRoom('localhost:8001', { room: 'r', observe: false });
  // @ts-expect-error metadata is flat
  room.setMetadata({ name: { first: 'Anna' } });
  for await (const { streams } of (await room.ready)) streams.join();
  // @ts-expect-error an event has another name
  room.addEventListener('rooster', () => {});
  // @ts-expect-error so has a property of it
  room.addEventListener('roster', ({ leave }) => leave);
  // @ts-expect-error and a state
  room.state === 'open';
  // @ts-expect-error a room name is not optional
  joinRoom('wss://host:8001', { streamName: 's' });
`;

  test.each([
    [
      'in Node',
      'main.mts',
      `import { createConferenceHost, type ConferenceHost } from 'conference-host';
     const host: ConferenceHost = createConferenceHost({ port: 0, adminToken: 'x' });
     host.events.on('joined', ({ room, streamName }) => room + streamName);
     import { WebSocket } from 'ws';
     joinRoom('wss://host', { room: 'r', streamName: 's', WebSocket });`,
      ['--module', 'nodenext', '--types', 'node'],
    ],
    [
      'in a page',
      'page.ts',
      'room.removeEventListener("open", () => {});',
      ['--module', 'preserve', '--lib', 'es2023,dom', '--skipLibCheck'],
    ],
  ])(
    'has types %s',
    async (_, file, rest, options) => {
      const path = join(project, file);
      await writeFile(path, SOURCE + rest);
      expect(complaintsOf(path, ['--strict', '--noEmit', '--target', 'es2023', ...options])).toEqual([]);
    },
    60_000,
  );

  /** What the compiler says of a program and of our declarations; other packages' own are not looked at. */
  function complaintsOf(path: string, args: readonly string[]): string[] {
    const { options } = ts.parseCommandLine(args);
    const host = { ...ts.createCompilerHost(options), getCurrentDirectory: () => project };
    const program = ts.createProgram([path], options, host);
    const ours = program
      .getSourceFiles()
      .filter(({ fileName }) => fileName === path || fileName.includes('/node_modules/conference-host/'));
    expect(ours.length).toBeGreaterThan(1);
    const diagnostics = [
      ...program.getOptionsDiagnostics(),
      ...program.getGlobalDiagnostics(),
      ...ours.flatMap((source) => [
        ...program.getSyntacticDiagnostics(source),
        ...program.getSemanticDiagnostics(source),
      ]),
    ];
    return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  }

  test('resolves its types with every module resolution', async () => {
    // The client is an ES module only, which Node 20.19 can require; resolvers that know no exports cannot find it.
    const options = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm'];
    const { stdout, code = 0 } = await run(ATTW, [packed.path, ...options], { env }).catch((error) => error);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching('conference-host/client') });
  }, 60_000);
});
