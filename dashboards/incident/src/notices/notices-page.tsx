import { IconMail } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { words } from '../ui/badges';
import { Hostile } from '../ui/hostile';
import { Loaded, Quiet } from '../ui/loaded';
import { Older } from '../ui/older';
import { Page } from '../ui/panel';
import { Ago } from '../ui/time';
import { useListKeys } from '../ui/use-list-keys';
import { noticesQuery } from './notice-queries';
import { NoticeStateBadge } from './notice-words';

/** All notices to customers: drafts first, since they wait for somebody. */
export function NoticesPage() {
  const query = useInfiniteQuery(noticesQuery);
  const list = useListKeys<HTMLUListElement>();
  return (
    <Page
      title="Notices"
      lead="What customers are told: written by one person, approved by another, sent to verified contacts, with proof."
    >
      <div className="sw-panel">
        <Loaded query={query} lines={8}>
          {({ pages }) => {
            const notices = pages.flatMap((page) => page.items);
            return notices.length === 0 ? (
              <Quiet icon={<IconMail size={26} stroke={1.5} />} title="No notice yet">
                One is begun in an incident’s workstream Notification, once it is decided that a silo is told.
              </Quiet>
            ) : (
              <ul className="sw-rows" ref={list}>
                {notices
                  .toSorted(
                    (a, b) =>
                      Number(b.state === 'draft') - Number(a.state === 'draft') ||
                      b.createdAt.localeCompare(a.createdAt),
                  )
                  .map((notice) => (
                    <li key={notice.id}>
                      <Link className="sw-row" to="/notices/$id" params={{ id: notice.id }} data-row>
                        <NoticeStateBadge notice={notice} />
                        <span className="sw-grow">
                          <b>
                            <Hostile text={notice.subject} fold={140} />
                          </b>
                          <br />
                          <span className="sw-dim">
                            {words(notice.kind)} notice to {notice.tenant} · {notice.incidentNumber} · by{' '}
                            {notice.author} <Ago at={notice.createdAt} />
                          </span>
                        </span>
                      </Link>
                    </li>
                  ))}
              </ul>
            );
          }}
        </Loaded>
        <Older query={query} />
      </div>
    </Page>
  );
}
