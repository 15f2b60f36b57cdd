/** A path of this site to come back to; anything else is the first page. */
export const safeBack = (path: string | undefined): string =>
  path !== undefined && /^\/(?![/\\])/.test(path) ? path : '/';
