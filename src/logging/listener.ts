/** What the listener has to say: trouble on accept, and certificates that the host has made itself. */
import type { ListenerReports } from '../listening/listener';
import type { SelfSignedFacts } from '../listening/self-signed/self-signed';
import type { Logger } from './limiter';

export function listenerReports(logger: Logger): ListenerReports {
  return {
    onAcceptError: (error) => logger.error({ err: error }, 'cannot accept connections'),
    onSelfSigned: (told) => logSelfSigned(told, logger),
  };
}

/** That it is for development, and how to trust it. */
function logSelfSigned(told: SelfSignedFacts | string, logger: Logger): void {
  if (typeof told === 'string') {
    logger.error({ problem: told }, 'keeping the previous certificate');
    return;
  }
  const { fingerprint: sha256, file, names, root, hasRoot } = told;
  logger.warn({ sha256, file, names }, 'TLS=self-signed has made this certificate, FOR DEVELOPMENT ONLY');
  logger.warn({}, hasRoot ? withRoot(root) : withoutRoot(file, root));
}

function withRoot(root: string): string {
  return `mkcert's root has signed it: browsers on this machine trust it after mkcert -install; a phone does once ${root} is installed there`;
}

function withoutRoot(file: string, why: string): string {
  return (
    'no browser trusts it yet: open the https page of this host there and accept the certificate, or import ' +
    `${file}; with mkcert they all do: run mkcert -install, and start again (${why})`
  );
}
