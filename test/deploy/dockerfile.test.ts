/** The Dockerfile, as far as no program is needed that builds images: `scripts/image.sh` builds and runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { settingsTable } from '../../src/settings/table';
import { type CertificateFiles, makeCertificate, temporaryFolder } from '../helpers/certificates';
import { read } from '../helpers/deploy';
import { REPOSITORY } from '../helpers/package';
import { HostProcess } from '../helpers/process';
import { freePort } from '../helpers/proxy';

const instructions = [...read('Dockerfile').matchAll(/^([A-Z]+) (.*)$/gm)].map(
  ([, name = '', rest = '']) => ({
    name,
    rest,
  }),
);
const last = instructions.map(({ name }) => name).lastIndexOf('FROM');
/** An instruction of the image that comes out. */
const final = (name: string) =>
  instructions.slice(last).find((instruction) => instruction.name === name)?.rest ?? '';

test('runs as a user who is not root, by number', () => {
  expect(final('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
});

test('exposes the port that the host listens on', () => {
  expect(final('EXPOSE')).toBe(String(settingsTable.port.default));
});

test('copies what is there, and nothing that is private or of this machine', () => {
  const copied = instructions
    .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from'))
    .flatMap(({ rest }) => rest.split(' ').slice(0, -1));
  expect(copied).toContain('package-lock.json');
  expect(copied.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  const lines = (file: string) => read(file).trim().split('\n');
  const kept = lines('.dockerignore');
  const isKept = (path: string) => kept.includes(path) || kept.includes(path.split('/')[0] ?? '');
  expect(lines('.gitignore').filter((path) => !isKept(path.replace(/\/$/, '')))).toEqual([]);
});

test('runs what the package has', () => {
  const { files } = JSON.parse(read('package.json')) as { files: string[] };
  const programs = [final('ENTRYPOINT'), final('HEALTHCHECK').replace(/^.* CMD /, '')].map(
    (line) => JSON.parse(line)[1],
  );
  expect(programs.map((program) => dirname(program)).filter((folder) => !files.includes(folder))).toEqual([]);
});

test('starts the host without a shell, so that signals reach it', () => {
  expect(JSON.parse(final('ENTRYPOINT'))).toEqual(['node', 'dist/main.js']);
});

const filesOf = ({ cert, key }: CertificateFiles) => ({ TLS_CERT: cert, TLS_KEY: key });

describe('the health check, as it stands', () => {
  const folder = temporaryFolder();
  const [program = '', ...args]: string[] = JSON.parse(final('HEALTHCHECK').replace(/^.* CMD /, ''));
  const check = async (env: Record<string, string>) => {
    // The image has dist/ and deploy/ where the repository has them.
    const path = { PATH: process.env.PATH ?? '' };
    const child = spawn(program, args, { cwd: REPOSITORY, env: { ...path, HOST: '127.0.0.1', ...env } });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    return { code, stderr };
  };

  test('passes while the host works', async () => {
    const { port } = await HostProcess.listening();
    expect(await check({ PORT: `${port}` })).toEqual({ code: 0, stderr: '' });
  });

  test.each([
    ['with a certificate for another name', filesOf(makeCertificate('conference.example.org', folder))],
    ['with one that the host makes', { TLS: 'self-signed', STATE_DIR: folder, CAROOT: folder }],
  ])('passes over TLS, %s', async (_, tls) => {
    const { port } = await HostProcess.listening(tls);
    expect(await check({ PORT: `${port}`, ...tls })).toEqual({ code: 0, stderr: '' });
  });

  test('fails where nothing listens, and says so', async () => {
    const port = await freePort();
    expect(await check({ PORT: `${port}` })).toEqual({
      code: 1,
      stderr: expect.stringMatching(`^/healthz on port ${port}: .*ECONNREFUSED`),
    });
  });
});
