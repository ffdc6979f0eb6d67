// Builds what browsers get into dist/: the client library with its types, and the pages.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const client = join(root, 'dist', 'client');
const pages = join(root, 'dist', 'pages');
const library = join(root, 'src', 'client', 'index.ts');
const sources = join(root, 'src', 'http', 'pages');

for (const folder of [client, pages]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

/** All browsers of the last three years. */
const browser = { bundle: true, minify: true, format: 'esm', target: 'es2022', charset: 'utf8' };

/** They import the library instead of holding a copy. */
const besideTheLibrary = {
  name: 'beside the library',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/index$/ }, () => ({ path: './index.mjs', external: true })),
};

/** What the client library's files say to each other: no program sees it, and no host, so it is no key of what is sent. */
const internal = /^(ask|emit|endAll|fail|giveUp|list|refresh|retire|said|say|settle|socket)$/;

await Promise.all([
  // For bundlers and Node, whose error messages quote it.
  build({ ...browser, minify: false, entryPoints: [library], outfile: join(client, 'index.mjs') }),
  build({
    ...browser,
    minify: false,
    entryPoints: ['react.ts', 'vue.ts'].map((file) => join(root, 'src', 'client', file)),
    outdir: client,
    outExtension: { '.js': '.mjs' },
    packages: 'external',
    plugins: [besideTheLibrary],
  }),
  build({
    ...browser,
    entryPoints: [join(root, 'src', 'client', 'browser.ts')],
    outfile: join(client, 'browser.mjs'),
    mangleProps: internal,
    // Found by a header, so that the library itself stays small.
    sourcemap: 'external',
  }),
  build({
    ...browser,
    entryPoints: [
      'landing/landing.ts',
      'landing/landing.css',
      'dashboard/dashboard.ts',
      'dashboard/dashboard.css',
    ].map((file) => join(sources, file)),
    entryNames: '[name]',
    outdir: pages,
    legalComments: 'eof',
  }),
]);

for (const file of ['landing/landing.html', 'dashboard/dashboard.html', 'icon.svg']) {
  cpSync(join(sources, file), join(pages, file.replace(/^.*\//, '')));
}

// The public types. Each file is compiled by itself, which its exports must allow.
for (const name of ['index', 'types', 'snapshot', 'react', 'vue']) {
  const source = readFileSync(join(root, 'src', 'client', `${name}.ts`), 'utf8');
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(source, {
    fileName: `${name}.ts`,
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ES2022, strict: true },
  });
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, ts.createCompilerHost({})));
  writeFileSync(
    join(client, `${name}.d.mts`),
    outputText.replaceAll(/ from '\.\/(\w+)'/g, " from './$1.mjs'"),
  );
}
