// After `npm install` or `npm ci`: builds a clone. An unpacked package is built already, and has no source.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

if (existsSync(at('src'))) {
  if (existsSync(at('node_modules/typescript'))) {
    const { status } = spawnSync('npm run build', { cwd: at(''), stdio: 'inherit', shell: true });
    process.exitCode = status ?? 1;
  } else console.error('conference-host: nothing is built: npm ci --no-workspaces installs no compiler');
}
