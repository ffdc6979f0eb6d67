/** The state of each door, for the operator: open, or closed by which settings. Shows no secret. */
import { type Door, type Setting, type Settings, settingsTable } from './table';

const NO_TOKEN = 'off: no ADMIN_TOKEN or METRICS_TOKEN';
/** Unspecified addresses, also in `inet_aton` forms, mapped to IPv6 (RFC 4291, 2.5.5.2), or with a zone. */
const ANY_ADDRESS = /^(?:::ffff:)?[0x.:]+(?:%.*)?$/i;

export function doors(settings: Settings): Readonly<Record<Door, string>> {
  const closed = (...doors: Door[]) => closedBy(settings, doors);
  return {
    network: network(settings),
    addresses: addresses(settings),
    wire: wire(settings, closed('wire')),
    pages: pages(settings),
    joining: closed('joining') ?? 'open: set JWT_SECRET, JWT_JWKS_URL or AUTH_URL',
    dashboard: dashboard(settings, closed('dashboard', 'metrics')),
    metrics: closed('dashboard', 'metrics') ?? NO_TOKEN,
    media: media(settings),
  };
}

function wire({ tls }: Settings, closed: string | undefined): string {
  if (closed === undefined) return 'open: set TLS_CERT and TLS_KEY, or let a proxy speak TLS';
  return tls === undefined ? closed : `${closed}, for development only`;
}

function dashboard({ adminToken }: Settings, closed: string | undefined): string {
  if (closed === undefined) return NO_TOKEN;
  return adminToken === undefined ? `${closed}, read-only` : closed;
}

function media({ roster, red5Url, streamManagerUrl, red5WebhookSecret }: Settings): string {
  if (red5Url === undefined && streamManagerUrl === undefined)
    return 'off: no RED5_URL or STREAM_MANAGER_URL';
  const asked = red5Url === undefined ? 'STREAM_MANAGER_URL' : 'RED5_URL';
  const hints = red5WebhookSecret === undefined ? 'no webhooks' : 'webhooks by RED5_WEBHOOK_SECRET';
  return `asked at ${asked}, ${hints}; ROSTER=${roster}`;
}

/** Undefined if none of the settings that guard these doors is given. */
function closedBy(settings: Readonly<Record<string, unknown>>, doors: readonly Door[]): string | undefined {
  const variables = Object.entries<Setting<unknown>>(settingsTable)
    .filter(
      ([name, { guards, default: open }]) => guards && doors.includes(guards) && settings[name] !== open,
    )
    .map(([, { variable }]) => variable);
  return variables.length === 0 ? undefined : `closed by ${variables.join(', ')}`;
}

/** Whether whoever reaches the machine reaches the host. */
export function isOnAllInterfaces({ host }: Pick<Settings, 'host'>): boolean {
  return host === undefined || ANY_ADDRESS.test(host);
}

function network(settings: Settings): string {
  return isOnAllInterfaces(settings)
    ? 'open: on all interfaces; set HOST'
    : `closed by HOST: only ${settings.host}`;
}

function addresses({ trustProxy }: Settings): string {
  if (trustProxy.length === 0) return 'X-Forwarded-For is ignored: behind a proxy set TRUST_PROXY';
  return `X-Forwarded-For is trusted from ${trustProxy.join(', ')}, by TRUST_PROXY`;
}

function pages({ allowedOrigins }: Settings): string {
  if (allowedOrigins.includes('*')) return 'open: set ALLOWED_ORIGINS';
  const isNullAllowed = allowedOrigins.some((origin) => origin.toLowerCase() === 'null');
  return `closed by ALLOWED_ORIGINS${isNullAllowed ? ', except for null, which a frame in any page can have' : ''}`;
}
