// The container's health check: asks the host where its settings say that it listens. Ends with 0, or with 1 and why.
const { readCommandLine } = require('../dist/settings/command-line.js');

const { port, host, tls, tlsCert } = readCommandLine([], process.env, '').settings;
const { get } = require((tls ?? tlsCert) ? 'node:https' : 'node:http');
// The certificate is for the name that clients use, not for this one.
const question = {
  host: host ?? 'localhost',
  port,
  path: '/healthz',
  timeout: 3_000,
  rejectUnauthorized: false,
};

get(question, ({ statusCode }) => end(statusCode === 200 ? undefined : `HTTP ${statusCode}`))
  .on('timeout', () => end('no answer within 3 s'))
  .on('error', ({ message }) => end(message));

function end(problem) {
  if (problem !== undefined) console.error(`/healthz on port ${port}: ${problem}`);
  process.exit(problem === undefined ? 0 : 1);
}
