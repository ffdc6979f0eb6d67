/** Programs that some tests need and a machine may lack. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The Debian package of each program. */
const PACKAGES = {
  caddy: 'caddy',
  certutil: 'libnss3-tools',
  chromium: 'chromium',
  'firefox-esr': 'firefox-esr',
  haproxy: 'haproxy',
  ip: 'iproute2',
  nginx: 'nginx-light',
  openssl: 'openssl',
  promtool: 'prometheus',
  python3: 'python3',
  'redis-server': 'redis-server',
  'systemd-analyze': 'systemd',
  'valkey-server': 'valkey-server',
} as const;

/** CI may have to do without: Debian has Valkey since version 13 only, and containers have no systemd. */
const RARE: readonly Program[] = ['systemd-analyze', 'valkey-server'];

export type Program = keyof typeof PACKAGES;

/** Where the program is, or undefined where it is not installed. */
export function findProgram(program: Program): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/**
 * A `describe` for tests that need a program. Without it they are skipped as one, not even collected, whose title says
 * the command that installs it; in CI (`CI=true`) its lack is a failure, unless it is a rare one.
 */
export function describeWith(program: Program, title: string, tests: (path: string) => void): void {
  const path = findProgram(program);
  const install = `apt-get install ${PACKAGES[program]}`;
  if (path !== undefined) {
    describe(title, () => tests(path));
  } else if (process.env.CI === 'true' && !RARE.includes(program)) {
    test(title, () => {
      throw new Error(`${program} is missing: ${install}`);
    });
  } else {
    process.stderr.write(`skipped: ${title} (needs ${program}: ${install})\n`);
    test.skip(`${title} (needs ${program}: ${install})`, () => {});
  }
}

/** A `describe` for tests that take minutes, or fetch what they need: `npm run <script>` runs them, as CI does. */
export function describeOnDemand(
  script: 'test:bench' | 'test:install' | 'test:manifests',
  title: string,
  tests: () => void,
): void {
  if (process.env.ON_DEMAND === script) describe(title, tests);
  else test.skip(`${title} (npm run ${script})`, () => {});
}

/** A `describe` for tests that run on Redis. */
export function describeWithRedis(title: string, tests: (path: string) => void): void {
  describeWith('redis-server', `${title}, on Redis`, tests);
}

/** A `describe` for tests that run on Redis and on Valkey alike. */
export function describeWithEachRedis(title: string, tests: (path: string) => void): void {
  describeWithRedis(title, tests);
  describeWith('valkey-server', `${title}, on Valkey`, tests);
}
