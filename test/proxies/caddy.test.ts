import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../helpers/certificates';
import { describeWith } from '../helpers/programs';
import { ProxyProcess } from '../helpers/proxy';
import { configuration, type StartProxy, stories } from './stories';

const startCaddy =
  (path: string): StartProxy =>
  (port, hostPort) => {
    const folder = temporaryFolder();
    const site = configuration('caddyfile', {
      'conference.example.org': `https://localhost:${port}`,
      '127.0.0.1:8001': `127.0.0.1:${hostPort}`,
    });
    const global = ['admin off', 'local_certs', 'skip_install_trust', 'auto_https disable_redirects'];
    const file = join(folder, 'Caddyfile');
    writeFileSync(file, `{\n${global.join('\n')}\ndefault_bind 127.0.0.1\n}\n${site}`);
    const home = { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder };
    return ProxyProcess.start(port, path, ['run', '--adapter', 'caddyfile', '--config', file], home);
  };

describeWith('caddy', 'behind Caddy', (path) => stories(startCaddy(path)));
