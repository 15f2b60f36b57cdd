import { Select } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReportSummary } from '../api/types';
import { Badge, words } from '../ui/badges';
import { ClockLeft } from '../ui/clock-bar';
import { Hostile } from '../ui/hostile';
import { Loaded, Quiet } from '../ui/loaded';
import { Older } from '../ui/older';
import { Page } from '../ui/panel';
import { Ago } from '../ui/time';
import { useListKeys } from '../ui/use-list-keys';
import { reportsQuery } from './report-queries';
import { ReportStateBadge, reportStates } from './report-words';

function ReportRow({ report }: { report: ReportSummary }) {
  const clock = report.clocks.find((candidate) => candidate.state === 'running');
  const subject = report.subject.length > 130 ? `${report.subject.slice(0, 130)}…` : report.subject;
  return (
    <li>
      <Link className="sw-row" to="/disclosure/$id" params={{ id: report.id }} data-row>
        <ReportStateBadge state={report.state} />
        <span className="sw-grow">
          <b>
            <Hostile text={subject === '' ? '(no subject)' : subject} />
          </b>
          <br />
          <span className="sw-dim">
            <span className="sw-mono">{report.number}</span> ·{' '}
            <Hostile text={report.reporter.name ?? report.reporter.email} fold={60} /> · <Ago at={report.receivedAt} />
            {clock !== undefined && (
              <>
                {' · '}
                {clock.name}: <ClockLeft clock={clock} />
              </>
            )}
          </span>
        </span>
        {report.incidentId !== null && <Badge tone="bad">Incident</Badge>}
        {report.severity !== null && <Badge tone="warn">{report.severity}</Badge>}
      </Link>
    </li>
  );
}

/** The inbox of security@. */
export function DisclosurePage() {
  const { state } = useSearch({ from: '/inside/disclosure' });
  const navigate = useNavigate({ from: '/disclosure' });
  const query = useInfiniteQuery(reportsQuery(state));
  const list = useListKeys<HTMLUListElement>();
  return (
    <Page
      title="Disclosure"
      lead="What researchers write to us. The automatic acknowledgement is not an answer: a person’s is due within a day."
      more={
        <Select
          aria-label="State"
          placeholder="Any state"
          clearable
          data={reportStates.map((value) => ({ value, label: words(value) }))}
          value={state ?? null}
          onChange={(value) => void navigate({ search: value === null ? {} : { state: value } })}
        />
      }
    >
      <div className="sw-panel">
        <Loaded query={query} lines={8}>
          {({ pages }) => {
            const reports = pages.flatMap((page) => page.items);
            return reports.length === 0 ? (
              <Quiet icon={<IconInbox size={26} stroke={1.5} />} title="No report here">
                Each mail to the security address becomes a report and shows here within seconds.
              </Quiet>
            ) : (
              <ul className="sw-rows" ref={list}>
                {reports.map((report) => (
                  <ReportRow key={report.id} report={report} />
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
