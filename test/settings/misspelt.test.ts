/** Variables that are nearly a setting are named with the one that was meant; other programs' variables are not. */
import { misspeltVariables } from '../../src/settings/misspelt';
import { type Setting, settingsTable } from '../../src/settings/table';
import { HostProcess } from '../helpers/process';

const VARIABLES = Object.values<Setting<unknown>>(settingsTable).map(({ variable }) => variable);

test.each([
  ['MAX_ROOMSIZE', 'MAX_ROOM_SIZE'],
  ['MAXROOMSIZE', 'MAX_ROOM_SIZE'],
  ['MAX_ROOMS_SIZE', 'MAX_ROOM_SIZE'],
  ['max_room_size', 'MAX_ROOM_SIZE'],
  ['MAX-ROOM-SIZE', 'MAX_ROOM_SIZE'],
  ['MAX_CONNECTION', 'MAX_CONNECTIONS'],
  ['MAX_CONECTIONS', 'MAX_CONNECTIONS'],
  ['MAX_CONNECTIONS_PER_PI', 'MAX_CONNECTIONS_PER_IP'],
  ['ALLOWED_ORIGIN', 'ALLOWED_ORIGINS'],
  ['ALLOW_ORIGINS', 'ALLOWED_ORIGINS'],
  ['ADMIN_TOKN', 'ADMIN_TOKEN'],
  ['ADMINTOKEN', 'ADMIN_TOKEN'],
  ['ADMIN_TOKENFILE', 'ADMIN_TOKEN_FILE'],
  ['METRIC_TOKEN', 'METRICS_TOKEN'],
  ['JWT_SECERT', 'JWT_SECRET'],
  ['JWT_AUDIENCES', 'JWT_AUDIENCE'],
  ['REDISURL', 'REDIS_URL'],
  ['REDIS_URI', 'REDIS_URL'],
  ['RED_URL', 'RED5_URL'],
  ['TRUSTED_PROXY', 'TRUST_PROXY'],
  ['TRUST_PROXIES', 'TRUST_PROXY'],
  ['TRUSTED_PROXIES', 'TRUST_PROXY'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['PING_TIMEOUT', 'PONG_TIMEOUT'],
  ['DRAIN_TIMOUT', 'DRAIN_TIMEOUT'],
  ['TLS_CERT_FILE', 'TLS_CERT'],
  ['TLS_KEY_PATH', 'TLS_KEY'],
  ['TLS_CERTIFICATE', 'TLS_CERT'],
  ['TLS_CERTIFICATE_FILE', 'TLS_CERT'],
  ['PROT', 'PORT'],
  ['HSOT', 'HOST'],
  ['port', 'PORT'],
])('%s means %s', (variable, meant) => {
  expect(misspeltVariables({ [variable]: 'hush', PATH: '/bin' })).toEqual([{ variable, meant }]);
});

test.each(VARIABLES.filter((variable) => variable.replaceAll('_', '').length >= 6))(
  'one slip of the finger in %s is noticed',
  (meant) => {
    for (let at = 1; at < meant.length; at++) {
      const [before, letter, after] = [meant.slice(0, at), meant.charAt(at), meant.slice(at + 1)];
      const swapped = `${before}${after.charAt(0)}${letter}${after.slice(1)}`;
      // REDI_URL and REDS_URL may be RED5_URL just as well.
      for (const slip of [`${before}${after}`, `${before}${letter}${letter}${after}`, swapped])
        if (slip !== meant && !/^RED[IS]_URL$/.test(slip))
          expect(misspeltVariables({ [slip]: '1' })).toEqual([{ variable: slip, meant }]);
    }
  },
);

test('settings as they are written mean themselves', () => {
  const all = VARIABLES.flatMap((variable) => [variable, `${variable}_FILE`]).filter(
    (variable) => !/^TLS_(CERT|KEY)_FILE$/.test(variable),
  );
  for (const variable of all) expect(misspeltVariables({ [variable]: '1' })).toEqual([]);
  expect(misspeltVariables(Object.fromEntries(all.map((variable) => [variable, '1'])))).toEqual([]);
});

test('two mistakes in a name of less than ten letters are too many', () => {
  expect(misspeltVariables({ LOG_LAVAL: 'info', MAX_RUMM_SIZE: '1' })).toEqual([
    { variable: 'MAX_RUMM_SIZE', meant: 'MAX_ROOM_SIZE' },
  ]);
});

test.each(['MCONNECTIONSX', 'MAMAXCONNECTION', 'MXQCONNECTION'])(
  'three mistakes are too many: %s',
  (variable) => {
    expect(misspeltVariables({ [variable]: '1' })).toEqual([]);
  },
);

test('who has set the right one too knows what it is for', () => {
  expect(misspeltVariables({ LOGLEVEL: 'debug', LOG_LEVEL: 'info' })).toEqual([]);
  expect(misspeltVariables({ TLS_CERT_FILE: 'a.pem', TLS_CERT: 'a.pem' })).toEqual([]);
});

test('variables of systems and of other programs mean nothing here', () => {
  const others = `
    HOME HOSTNAME HOSTTYPE HOSTALIASES HOSTS PORTS PORT_NAME PORT1 PORT_HTTP HTTP_PORT HTTPS_PORT SSL_CERT_FILE
    SSL_CERT_DIR SSLKEYLOGFILE PATH PWD OLDPWD SHELL SHLVL USER LOGNAME MAIL LANG LC_ALL TERM COLORTERM EDITOR PAGER
    DISPLAY XDG_STATE_HOME XDG_DATA_HOME XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS SSH_AUTH_SOCK SSH_CLIENT TZ TMPDIR
    INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET LISTEN_FDS STATE_DIRECTORY CREDENTIALS_DIRECTORY MAINPID PORTRANGE
    NODE_ENV NODE_OPTIONS NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED npm_config_host npm_config_port
    npm_package_config_port npm_lifecycle_event INIT_CWD NVM_DIR PM2_HOME FORCE_COLOR NO_COLOR CI DEBUG LOG_FILE
    LOG_FORMAT LOG_DIR LOG_PATH POSTGRES_HOST POSTGRES_PORT PGHOST PGPORT MYSQL_HOST REDIS_HOST REDIS_PORT
    REDIS_PASSWORD REDIS_DB REDIS_URL_2 REDIS_TLS_URL OAUTH_URL AUTH_TOKEN AUTH_USER AUTH_HOST JWT_KEY
    JWT_PUBLIC_KEY JWT_ALGORITHM JWT_TTL TOKEN ADMIN_USER ADMIN_EMAIL ADMIN_PASSWORD API_TOKEN GRAFANA_USER
    GRAFANA_KEY GRAFANA_TOKEN RED5_HOME RED5_PORT RED5_HOST RED5_PORT_5080_TCP RED5_SERVICE_HOST
    REDIS_SERVICE_PORT REDIS_PORT_6379_TCP_ADDR KUBERNETES_SERVICE_HOST KUBERNETES_PORT TLS_MIN_VERSION TLS_CA
    MAX_OLD_SPACE_SIZE MAX_MEMORY ROOT ROOTDIR POST SORT SPORT HOTEL SSH SLL STATE TSLINT TOASTER
    WEB_CONCURRENCY DYNO COMPUTERNAME OS PROCESSOR_LEVEL PROMPT PUBLIC TEMP USERPROFILE WINDIR
  `;
  const env = Object.fromEntries(
    others
      .trim()
      .split(/\s+/)
      .map((variable) => [variable, '1']),
  );
  expect(misspeltVariables(env)).toEqual([]);
});

test('the process warns of them by name, and never shows a value', async () => {
  const host = await HostProcess.listening({ MAX_ROOMSIZE: '3', ADMIN_TOKN: 'hush-hush' });
  await host.line('doors');
  const warnings = host.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ level }) => level === 40);
  expect(warnings).toMatchObject([
    { msg: 'MAX_ROOMSIZE is not a setting and is ignored: did you mean MAX_ROOM_SIZE?' },
    { msg: 'ADMIN_TOKN is not a setting and is ignored: did you mean ADMIN_TOKEN?' },
  ]);
  expect(host.stdout).not.toMatch('hush-hush');
});
