/** The one direction of dependencies (docs/architecture.md): a room imports only rooms to its left, plus the libraries. */
const order = ['platform', 'access', 'silos', 'ingest', 'detect', 'correlate', 'incidents'];
const siblings = ['containment', 'paging', 'notices', 'disclosure', 'promises'];
const libraries = ['event', 'sigma'];
const everything = [...order, ...siblings, 'app', 'cli', 'demo'];

const forbid = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: to },
});
const rooms = (list) => `^src/(${list.join('|')})/`;

export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...order.map((room, i) =>
      forbid(
        `${room}-imports-left`,
        `^src/${room}/`,
        rooms([...order.slice(i + 1), ...siblings, 'app', 'cli', 'demo']),
        'Reach right by a job or a port.',
      ),
    ),
    ...siblings.map((room) =>
      forbid(
        `${room}-imports-left`,
        `^src/${room}/`,
        rooms([...siblings.filter((s) => s !== room), 'app', 'cli', 'demo']),
        'These rooms do not know each other.',
      ),
    ),
    forbid('event-is-a-library', '^src/event/', rooms([...everything, 'sigma']), 'No framework, no I/O.'),
    forbid('sigma-is-a-library', '^src/sigma/', rooms(everything), 'No framework, no I/O.'),
    forbid(
      'libraries-have-no-framework',
      `^src/(${libraries.join('|')})/.*\\.ts$`,
      '^(node_modules/(@nestjs|typeorm|pg|kafkajs|pino))|^(node:)?(fs|net|http|https|child_process)(/|$)',
      'No framework, no I/O.',
    ),
    forbid('sigma-has-one-door', '^src/(?!sigma/)', '^src/sigma/(?!index\\.ts$)', 'Import src/sigma/index.ts.'),
    forbid(
      'app-is-composition',
      '^src/app/',
      rooms(['cli', 'demo']),
      'The command line composes the app, not the reverse.',
    ),
    forbid('only-cli-knows-the-demo', '^src/(?!cli/|demo/)', '^src/demo/', 'The demo never reaches production code.'),
    forbid('tests-stay-outside', '^src/', '^test/', 'Production code knows no test.'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
