/**
 * The page's one Trusted Types policy. Nothing here needs markup from a string: style sheets pass, anything with a `<` is refused,
 * so that a field of an event can never become an element.
 */
interface TrustedTypesFactory {
  createPolicy(name: string, rules: { createHTML: (text: string) => string }): unknown;
}

const trustedTypes = (globalThis as { trustedTypes?: TrustedTypesFactory }).trustedTypes;

trustedTypes?.createPolicy('default', {
  createHTML: (text) => {
    if (text.includes('<')) throw new TypeError('Markup from a string is refused.');
    return text;
  },
});

/** The request's nonce; browsers hide the attribute but leave the property readable to scripts of this page. */
export const styleNonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

// react-style-singleton (scroll locking behind dialogs) takes its nonce from this global.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = styleNonce();
