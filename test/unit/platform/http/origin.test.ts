import { isOwnPage } from '../../../../src/platform/http/public-url.js';

describe('a page’s origin', () => {
  it.each([
    ['https://watch.example.com', 'watch.example.com', 'https://watch.example.com', true],
    ['http://watch.example.com', 'watch.example.com', 'https://watch.example.com', false],
    ['https://evil.example', 'watch.example.com', 'https://watch.example.com', false],
    ['http://localhost:3000', 'localhost:3000', 'https://watch.example.com', false],
    [undefined, 'localhost:3000', 'http://localhost:3000', false],
    ['null', 'localhost:3000', 'http://localhost:3000', false],
    ['http://localhost:3000', 'localhost:3000', 'http://localhost:3000', true],
    ['http://127.0.0.1:3000', '127.0.0.1:3000', 'http://localhost:3000', true],
    ['http://localhost:4000', 'localhost:3000', 'http://localhost:3000', false],
    // A name that an attacker points at 127.0.0.1 (DNS rebinding).
    ['http://evil.example:3000', 'evil.example:3000', 'http://localhost:3000', false],
  ])('%s asking %s of %s: %s', (origin, host, publicOrigin, isOwn) => {
    expect(isOwnPage({ origin, host }, publicOrigin)).toBe(isOwn);
  });

  // Chromium under Referrer-Policy: no-referrer.
  it.each([
    [undefined, 'same-origin', 'localhost:3000', 'http://localhost:3000', true],
    ['null', 'same-origin', 'watch.example.com', 'https://watch.example.com', true],
    [undefined, 'same-site', 'watch.example.com', 'https://watch.example.com', false],
    [undefined, 'cross-site', 'watch.example.com', 'https://watch.example.com', false],
    [undefined, 'same-origin', 'evil.example:3000', 'http://localhost:3000', false],
  ])('left out (%s) with Sec-Fetch-Site %s to %s of %s: %s', (origin, site, host, publicOrigin, isOwn) => {
    expect(isOwnPage({ origin, host, 'sec-fetch-site': site }, publicOrigin)).toBe(isOwn);
  });
});
