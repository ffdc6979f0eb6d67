// `npm start`: runs what is built, or says how to build it.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '..', 'dist', 'main.js');
if (existsSync(main)) require(main);
else {
  console.error(
    'conference-host: dist/ is not built: run npm ci without --ignore-scripts and --no-workspaces',
  );
  process.exitCode = 1;
}
