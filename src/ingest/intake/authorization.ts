const SCHEME = /^(Bearer|Splunk|ApiKey|Basic) +([\x21-\x7e]{1,512})$/i;

/**
 * The token that an Authorization header carries: plain after `Bearer` and `Splunk`; after `ApiKey` and `Basic`, where shippers send two parts in
 * base64, the second one.
 */
export function tokenOf(authorization: string | undefined): string | undefined {
  const [, scheme = '', value = ''] = SCHEME.exec(authorization ?? '') ?? [];
  if (scheme === '') return undefined;
  if (!/^(?:ApiKey|Basic)$/i.test(scheme)) return value;
  const pair = Buffer.from(value, 'base64').toString('latin1');
  const colonAt = pair.indexOf(':');
  return colonAt < 0 ? undefined : pair.slice(colonAt + 1);
}
