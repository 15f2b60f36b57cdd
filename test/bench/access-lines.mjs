// Lines of an access log as a company's application writes them, 840 bytes each: addresses, queries and referers of their own, a few hundred
// user agents; one line in a hundred is a probe or an attack from one of 250 addresses. The same lines for the same time and seed.
const { accessLine } = await import('../integration/pipeline/records.ts');

export const LINE_BYTES = 840;

const PATHS = [
  '/',
  '/invoices',
  '/invoices/4711',
  '/assets/app.js',
  '/api/ledger',
  '/api/v2/customers',
  '/reports/monthly',
  '/search',
];
const HOSTILE = ['/.env', '/wp-login.php', '/?q=%27%20union%20select%201--', '/../../etc/passwd'];
const WORDS =
  'ledger invoice customer open paid overdue monthly report spring newsletter summary page detail export view print'.split(
    ' ',
  );
const BROWSERS = [
  (v) => `Mozilla/5.0 (X11; Linux x86_64; rv:${v}.0) Gecko/20100101 Firefox/${v}.0`,
  (v) =>
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${v}.0.0.0 Safari/537.36`,
  (v) =>
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${v % 20}.1 Safari/605.1.15`,
  (v) =>
    `Mozilla/5.0 (iPhone; CPU iPhone OS ${v % 19}_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148`,
];

/** Random numbers from 0 to 1, the same for the same seed (mulberry32). */
function randoms(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Endless lines; `hostileEvery` 0 for none. */
export function* accessLines(nowMs, { seed = 1, hostileEvery = 100 } = {}) {
  const random = randoms(seed);
  const next = (below) => Math.floor(random() * below);
  const word = () => WORDS[next(WORDS.length)];
  const hex = (digits) =>
    next(16 ** 8)
      .toString(16)
      .padStart(8, '0')
      .repeat(2)
      .slice(0, digits);
  const VALUES = [
    word,
    () => String(next(100_000)),
    () => `2026-${String(1 + next(12)).padStart(2, '0')}-${String(1 + next(28)).padStart(2, '0')}`,
    () => `${hex(8)}-${hex(4)}-4${hex(3)}-9${hex(3)}-${hex(12)}`,
    () => `${word()}_${word()}`,
  ];
  const query = (count) => Array.from({ length: count }, () => `${word()}=${VALUES[next(VALUES.length)]()}`).join('&');
  for (let i = 0; ; i += 1) {
    const isHostile = hostileEvery > 0 && i % hostileEvery === 0;
    const path = isHostile
      ? HOSTILE[(i / hostileEvery) % HOSTILE.length]
      : `${PATHS[next(PATHS.length)]}?${query(1 + next(6))}`;
    const agent = BROWSERS[next(BROWSERS.length)](60 + next(80));
    const address = isHostile ? `192.0.2.${(i / hostileEvery) % 250}` : `198.51.${next(250)}.${next(250)}`;
    const line = accessLine(new Date(nowMs - 1_000), path, address, isHostile ? 404 : 200);
    const start = line.replace('"-" "curl/8.5.0"', `"https://app.example.test${PATHS[next(PATHS.length)]}?`);
    const end = `" "${agent}"`;
    const room = LINE_BYTES - start.length - end.length;
    let referer = query(20);
    while (referer.length < room) referer += `&${query(4)}`;
    yield start + referer.slice(0, room) + end;
  }
}
