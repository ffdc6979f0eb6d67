import { runCaddy } from '../helpers/caddy';
import { describeWith } from '../helpers/programs';
import { configuration, type StartProxy, stories } from './stories';

const startCaddy =
  (path: string): StartProxy =>
  (port, hostPort) => {
    const site = configuration('caddyfile', {
      'conference.example.org': `https://localhost:${port}`,
      '127.0.0.1:8001': `127.0.0.1:${hostPort}`,
    });
    return runCaddy(path, port, site);
  };

describeWith('caddy', 'behind Caddy', (path) => stories(startCaddy(path)));
