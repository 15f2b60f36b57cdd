import { Button, Stack, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { type SubmitEvent, useState } from 'react';
import { api, take } from '../api/client';
import type { Report } from '../api/types';
import { Badge, words } from '../ui/badges';
import { ClockBar } from '../ui/clock-bar';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { Loaded, ProblemNote } from '../ui/loaded';
import { Page, Panel } from '../ui/panel';
import { When } from '../ui/time';
import { useAct } from '../ui/use-act';
import { ClassifyDialog, ReportIncidentDialog, ReportStateDialog } from './report-dialogs';
import { reportQuery } from './report-queries';
import { ReportStateBadge } from './report-words';
import './disclosure.css';

type Message = Report['messages'][number];

const size = (bytes: number): string =>
  bytes < 10_240 ? `${bytes.toLocaleString()} B` : `${Math.round(bytes / 1024).toLocaleString()} KB`;

function Mail({ message }: { message: Message }) {
  return (
    <li>
      <article className="sw-mail" data-direction={message.direction}>
        <header>
          <b className="sw-grow">
            <Hostile text={message.from} fold={80} />
          </b>
          <span className="sw-dim">
            <When at={message.at} />
          </span>
        </header>
        <div>
          <Hostile text={message.text} fold={4000} />
        </div>
        {message.delivery !== null && (
          <footer>
            <Badge tone={message.delivery === 'sent' ? 'good' : message.delivery === 'failed' ? 'bad' : 'accent'}>
              {words(message.delivery)}
            </Badge>
            {message.answer !== null && (
              <span className="sw-dim">
                <Hostile text={message.answer} fold={120} mono />
              </span>
            )}
          </footer>
        )}
        {message.attachments.length > 0 && (
          <ul aria-label="Attachments, kept but never opened here">
            {message.attachments.map((attachment) => (
              <li key={attachment.sha256}>
                <Hostile text={attachment.name} fold={60} mono /> · {size(attachment.sizeBytes)} ·{' '}
                <span className="sw-mono sw-faint">SHA-256 {attachment.sha256.slice(0, 16)}…</span>
              </li>
            ))}
          </ul>
        )}
      </article>
    </li>
  );
}

function ReplyForm({ report }: { report: Report }) {
  const [text, setText] = useState('');
  const reply = useAct({
    run: () => take(api.POST('/api/reports/{id}/replies', { params: { path: { id: report.id } }, body: { text } })),
    done: 'Your answer is on its way',
    topics: ['report'],
    showsErrors: true,
    then: () => setText(''),
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') reply.mutate();
  };
  return (
    <form className="sw-panel-body" onSubmit={submit}>
      <Stack gap="sm">
        <Textarea
          label={`Answer to ${report.reporter.email}`}
          description="Sent as mail in the same thread."
          minRows={4}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <ProblemNote error={reply.error} />
        <div>
          <GuardedButton
            permission="disclosure.work"
            blocked={text.trim() === '' ? 'Write the answer first.' : undefined}
            type="submit"
            loading={reply.isPending}
          >
            Send the answer
          </GuardedButton>
        </div>
      </Stack>
    </form>
  );
}

const passes = (result: string): 'good' | 'plain' | 'bad' => {
  if (result === 'pass') return 'good';
  return result === 'none' ? 'plain' : 'bad';
};

function About({ report }: { report: Report }) {
  const { dkim, arc, spf, aligned } = report.authentication;
  return (
    <Panel title="Report">
      <dl className="sw-kv">
        <dt>State</dt>
        <dd>
          <ReportStateBadge state={report.state} />
        </dd>
        <dt>From</dt>
        <dd>
          {report.reporter.name !== null && (
            <>
              <Hostile text={report.reporter.name} fold={60} />
              <br />
            </>
          )}
          <Hostile text={report.reporter.email} fold={80} mono />
        </dd>
        <dt>Received</dt>
        <dd>
          <When at={report.receivedAt} />
        </dd>
        <dt>Sender proven</dt>
        <dd>
          {aligned ? <Badge tone="good">Yes, aligned</Badge> : <Badge tone="warn">No: anyone could have sent it</Badge>}
        </dd>
        <dt>Checks</dt>
        <dd>
          <span className="sw-card-line">
            <Badge tone={passes(dkim)}>DKIM {dkim}</Badge>
            <Badge tone={passes(arc)}>ARC {arc}</Badge>
            <Badge tone={passes(spf)}>SPF {spf}</Badge>
          </span>
        </dd>
        <dt>Came by</dt>
        <dd>{report.source === 'mail' ? 'mail' : 'the web form'}</dd>
        <dt>Answered by itself</dt>
        <dd>
          <Hostile text={report.automaticAnswer} fold={160} />
        </dd>
        {report.claims !== null && (
          <>
            <dt>Claims to belong to</dt>
            <dd>
              <Link to="/disclosure/$id" params={{ id: report.claims.id }}>
                {report.claims.number}
              </Link>
              , without proof
            </dd>
          </>
        )}
        <dt>Severity</dt>
        <dd>{report.severity ?? <span className="sw-dim">not set</span>}</dd>
        <dt>Weakness</dt>
        <dd>{report.cwe ?? <span className="sw-dim">not set</span>}</dd>
        {report.incidentId !== null && (
          <>
            <dt>Incident</dt>
            <dd>
              <Link to="/incidents/$id" params={{ id: report.incidentId }}>
                Go to its incident
              </Link>
            </dd>
          </>
        )}
      </dl>
    </Panel>
  );
}

function Body({ report }: { report: Report }) {
  const [open, setOpen] = useState<'state' | 'incident' | 'classify' | null>(null);
  return (
    <div className="sw-two">
      <div>
        <Panel flush title="Thread">
          <ol className="sw-thread">
            {report.messages.map((message) => (
              <Mail key={message.id} message={message} />
            ))}
          </ol>
          <ReplyForm report={report} />
        </Panel>
      </div>
      <div>
        <div className="sw-filters-end">
          <GuardedButton permission="disclosure.work" variant="default" onClick={() => setOpen('state')}>
            Change the state
          </GuardedButton>
          <GuardedButton permission="disclosure.work" variant="default" onClick={() => setOpen('classify')}>
            Classify
          </GuardedButton>
          {report.incidentId === null && (
            <GuardedButton permission="incidents.work" variant="default" onClick={() => setOpen('incident')}>
              Open an incident
            </GuardedButton>
          )}
        </div>
        <About report={report} />
        {report.clocks.length > 0 && (
          <Panel title="Deadlines">
            <Stack gap="md">
              {report.clocks.map((clock) => (
                <ClockBar key={clock.id} clock={clock} withTenant={false} />
              ))}
            </Stack>
          </Panel>
        )}
      </div>
      {open === 'state' && <ReportStateDialog report={report} onClose={() => setOpen(null)} />}
      {open === 'classify' && <ClassifyDialog report={report} onClose={() => setOpen(null)} />}
      {open === 'incident' && <ReportIncidentDialog report={report} onClose={() => setOpen(null)} />}
    </div>
  );
}

/** One report: the thread, what is known of the sender, and the deadlines. */
export function ReportPage() {
  const { id } = useParams({ from: '/inside/disclosure/$id' });
  const query = useQuery(reportQuery(id));
  return (
    <Page
      title={query.data?.number ?? 'Report'}
      lead={query.data === undefined ? undefined : <Hostile text={query.data.subject} fold={200} />}
      more={
        <Button variant="default" component={Link} to="/disclosure">
          All reports
        </Button>
      }
    >
      <Loaded query={query} lines={8}>
        {(report) => <Body key={report.id} report={report} />}
      </Loaded>
    </Page>
  );
}
