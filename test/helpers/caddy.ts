/** Caddy with a site of a test's, over TLS with a certificate of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './certificates';
import { ProxyProcess } from './proxy';

/** What keeps it to this machine, and away from its files. */
const GLOBAL = `{
  admin off
  local_certs
  skip_install_trust
  auto_https disable_redirects
  default_bind 127.0.0.1
}`;

/** Resolves when it speaks TLS on the site's port. */
export function runCaddy(
  path: string,
  port: number,
  site: string,
  env: NodeJS.ProcessEnv = {},
): Promise<ProxyProcess> {
  const folder = temporaryFolder();
  const file = join(folder, 'Caddyfile');
  writeFileSync(file, `${GLOBAL}\n${site}`);
  const home = { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder };
  return ProxyProcess.start(port, path, ['run', '--adapter', 'caddyfile', '--config', file], {
    ...home,
    ...env,
  });
}
