import { type ReactNode, useId } from 'react';
import './ui.css';

interface PanelProps {
  title: ReactNode;
  more?: ReactNode;
  /** Without inner padding, for tables and rows. */
  flush?: boolean;
  children: ReactNode;
}

/** A titled part of a page. */
export function Panel({ title, more, flush = false, children }: PanelProps) {
  const id = useId();
  return (
    <section className="sw-panel" aria-labelledby={id}>
      <div className="sw-panel-head">
        <h2 id={id}>{title}</h2>
        {more !== undefined && <div className="sw-panel-more">{more}</div>}
      </div>
      <div className="sw-panel-body" data-flush={flush || undefined}>
        {children}
      </div>
    </section>
  );
}

interface PageProps {
  title: string;
  /** One line under the title. */
  lead?: ReactNode;
  more?: ReactNode;
  children: ReactNode;
}

/** A whole page with its one heading. */
export function Page({ title, lead, more, children }: PageProps) {
  return (
    <div className="sw-page">
      <title>{`${title} · Silowatch`}</title>
      <header className="sw-page-head">
        <div>
          <h1>{title}</h1>
          {lead !== undefined && <p>{lead}</p>}
        </div>
        {more !== undefined && <div className="sw-page-more">{more}</div>}
      </header>
      {children}
    </div>
  );
}
