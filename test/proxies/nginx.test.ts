import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { makeCertificate, temporaryFolder } from '../helpers/certificates';
import { joinTarget } from '../helpers/host';
import { describeWith } from '../helpers/programs';
import { ProxyProcess } from '../helpers/proxy';
import { configuration, type StartProxy, startBehind, stories } from './stories';

const startNginx =
  (path: string): StartProxy =>
  (port, hostPort) => {
    const folder = temporaryFolder();
    const { cert, key } = makeCertificate('conference.example.org', folder);
    const site = configuration('nginx', {
      'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
      '/etc/letsencrypt/live/conference.example.org/fullchain.pem': cert,
      '/etc/letsencrypt/live/conference.example.org/privkey.pem': key,
      '127.0.0.1:8001': `127.0.0.1:${hostPort}`,
    });
    const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${join(folder, name)};`,
    );
    const main = `daemon off; user ${userInfo().username}; pid ${join(folder, 'pid')}; error_log stderr notice;`;
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, `${main} events {} http { access_log off; ${folders.join(' ')} ${site} }`);
    return ProxyProcess.start(port, path, ['-e', 'stderr', '-c', file]);
  };

describeWith('openssl', 'with a certificate', () => {
  describeWith('nginx', 'behind nginx', (path) => {
    stories(startNginx(path));

    test('a reload of its configuration cuts nobody', async () => {
      const { openBehind, join, proxy } = await startBehind(startNginx(path));
      const anna = openBehind(joinTarget('r', 'anna'));
      await anna.until('anna');
      proxy.child.kill('SIGHUP');
      await proxy.says('gracefully shutting down');
      await join('r', 'ben');
      await anna.until('anna', 'ben');
    });
  });
});
