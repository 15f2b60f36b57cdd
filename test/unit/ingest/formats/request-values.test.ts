import fc from 'fast-check';
import { requestValues } from '../../../../src/ingest/formats/request-values.js';

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

function valuesOf(target: string, referer?: string, userAgent: string | undefined = AGENT): string[] {
  const [stem = '', ...rest] = target.split('?');
  return requestValues({ stem, query: rest.length === 0 ? undefined : rest.join('?'), referer, userAgent });
}

describe('requestValues', () => {
  it.each([
    '/app/invoices/2026-01?page=2&sort=-date&q=caf%C3%A9',
    '/cb?code=4/0AY0e-g7&state=eyJhbGciOiJSUzI1NiJ9.e30.c2ln',
    '/img/x.jpg?token=c2lnbmF0dXJl==',
    '/de/stra%C3%9Fe/%E6%97%A5%E6%9C%AC?x=1',
  ])('finds nothing odd in %s', (target) => {
    expect(valuesOf(target).filter((value) => /['"<>]/.test(value))).toEqual([]);
  });

  it.each([
    ['/x?a=1&b=1%27%20or%201=1--&c=3', ["1' or 1=1--"]],
    ['/x?a=1%26id', ['1&id']],
    ['/x?q=a+b', ['a b']],
    ['/x?user[$ne]=1', ['user[$ne]=1']],
    ['/x?%3Cscript%3E', ['<script>']],
    ['/items/1%27--/view', ["1'--/view"]],
    ['/static/..%2f..%2fetc/passwd', ['../../etc/passwd']],
    ['/fetch/http://127.0.0.1/', ['http://127.0.0.1/']],
    ['/x?a=1&amp;b=2', []],
    ['/x?a=1&&sleep+5', ['sleep 5', '1&&sleep 5']],
  ])('reads %s as %j', (target, values) => {
    expect(valuesOf(target)).toEqual(values);
  });

  it('reads the referer like a target, or whole where it is none', () => {
    expect(valuesOf('/', 'https://acme.example/a%27b?c=%3Cd')).toEqual(["a'b", '<d']);
    expect(valuesOf('/', "1' or 1=1")).toEqual(["1' or 1=1"]);
    expect(valuesOf('/', 'https://acme.example/list?page=2')).toEqual([]);
  });

  it.each([AGENT, 'curl/8.5.0', 'Go-http-client/1.1', 'Some Bot', 'Googlebot/2.1 (+http://www.google.com/bot.html)'])(
    'leaves the agent %s alone',
    (agent) => {
      expect(valuesOf('/', undefined, agent)).toEqual([]);
    },
  );

  it.each(['() { :; }; id', "Mozilla/5.0' or 1=1", '${jndi:ldap://x}', 'Mozilla/5.0 ../../etc/passwd', '1 or 1=1'])(
    'takes %s for no agent',
    (agent) => {
      expect(valuesOf('/', undefined, agent)).toEqual([agent]);
    },
  );

  it('never throws, and gives a limited number of values', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (query, referer, userAgent) => {
        expect(requestValues({ stem: `/${query}`, query, referer, userAgent }).length).toBeLessThanOrEqual(140);
      }),
    );
    expect(valuesOf(`/?${"a='&".repeat(100_000)}`).length).toBeLessThan(70);
  });
});
