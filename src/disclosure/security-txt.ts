export interface SecurityTxt {
  readonly address: string;
  readonly formUrl: string;
  readonly canonicalUrl: string;
  readonly policyUrl: string | undefined;
}

const LIFE_DAYS = 180;

/** RFC 9116. It expires about half a year after `now`, on a full day, so that it stays the same within a day. */
export function securityTxt(parts: SecurityTxt, now: Date): string {
  const expires = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + LIFE_DAYS));
  const lines = [
    `Contact: mailto:${parts.address}`,
    `Contact: ${parts.formUrl}`,
    `Expires: ${expires.toISOString().replace('.000', '')}`,
    'Preferred-Languages: en',
    `Canonical: ${parts.canonicalUrl}`,
    ...(parts.policyUrl === undefined ? [] : [`Policy: ${parts.policyUrl}`]),
  ];
  return `${lines.join('\n')}\n`;
}
