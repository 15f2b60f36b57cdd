import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Hostile } from './hostile';

/** A link whose address came with data: a path of this site, a web address in a new tab, or else plain text. */
export function SafeLink({ href, children }: { href: string; children: ReactNode }) {
  if (/^\/(?![/\\])/.test(href)) return <Link to={href}>{children}</Link>;
  if (/^https?:\/\//i.test(href)) {
    return (
      <a href={href} target="_blank" rel="noreferrer noopener">
        {children}
      </a>
    );
  }
  return <Hostile text={href} fold={80} />;
}
