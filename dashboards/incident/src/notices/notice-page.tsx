import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { api, take } from '../api/client';
import type { Notice } from '../api/types';
import { useMe } from '../app/session';
import { Badge, type Tone, words } from '../ui/badges';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { Loaded, Quiet } from '../ui/loaded';
import { Page, Panel } from '../ui/panel';
import { When } from '../ui/time';
import { useAct } from '../ui/use-act';
import { NoticeFacts } from './notice-facts';
import { noticeQuery } from './notice-queries';
import { NoticeStateBadge } from './notice-words';
import './notice.css';

/** The letter as its reader gets it, in plain text. */
function Preview({ notice }: { notice: Notice }) {
  return (
    <Panel flush title="As the customer reads it">
      <div className="sw-letter">
        <h3>
          <Hostile text={notice.rendered.subject} fold={300} />
        </h3>
        <p className="sw-to">
          To {notice.recipients.map((recipient) => recipient.email).join(', ') || 'nobody yet'}
          <br />
          one mail each
        </p>
        <Hostile text={notice.rendered.text} fold={20_000} />
      </div>
    </Panel>
  );
}

const deliveryTones: Record<string, Tone> = { queued: 'accent', sent: 'good', bounced: 'bad', failed: 'bad' };

function Deliveries({ notice }: { notice: Notice }) {
  return (
    <Panel flush title="Deliveries">
      {notice.deliveries.length === 0 ? (
        <Quiet title="Nothing is sent yet">
          Once approved, one mail goes to each recipient; the mail server’s answer shows here.
        </Quiet>
      ) : (
        <ul className="sw-rows">
          {notice.deliveries.map((delivery) => (
            <li key={delivery.recipient} className="sw-row">
              <Badge tone={deliveryTones[delivery.state] ?? 'plain'}>{words(delivery.state)}</Badge>
              <span className="sw-grow">
                <Hostile text={delivery.recipient} fold={80} />
                {delivery.answer !== null && (
                  <>
                    <br />
                    <span className="sw-dim">
                      <Hostile text={delivery.answer} fold={120} mono />
                    </span>
                  </>
                )}
              </span>
              <span className="sw-dim">
                <When at={delivery.at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Recipients({ notice }: { notice: Notice }) {
  return (
    <Panel flush title="Recipients">
      {notice.recipients.length === 0 ? (
        <Quiet title="No verified contact">
          Recipients are the silo’s verified contacts, never typed here. An administrator adds one to{' '}
          <b>{notice.tenant}</b>.
        </Quiet>
      ) : (
        <ul className="sw-rows">
          {notice.recipients.map((recipient) => (
            <li key={recipient.email} className="sw-row">
              <span className="sw-grow">
                <Hostile text={recipient.name} fold={60} /> <span className="sw-dim">{words(recipient.role)}</span>
                <br />
                <Hostile text={recipient.email} fold={80} mono />
              </span>
              {recipient.isVerified ? <Badge tone="good">Verified</Badge> : <Badge tone="warn">Not verified</Badge>}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** What stands between the draft and the customer. */
function Blockers({ notice }: { notice: Notice }) {
  if (notice.state !== 'draft' || (notice.missingFacts.length === 0 && notice.warnings.length === 0)) return null;
  return (
    <div className="sw-problem" role="status">
      <div className="sw-grow">
        <b>Not ready for approval</b>
        <ul>
          {notice.missingFacts.map((fact) => (
            <li key={fact}>Missing: {words(fact).toLowerCase()}</li>
          ))}
          {notice.warnings.map((warning) => (
            <li key={warning}>
              <Hostile text={warning} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function whyNotApprove(notice: Notice, name: string | undefined): string | undefined {
  if (notice.missingFacts.length > 0) return 'A fact is missing.';
  if (notice.recipients.length === 0) return 'There is no verified recipient.';
  return notice.author === name ? 'Somebody else approves what you wrote.' : undefined;
}

function Acts({ notice }: { notice: Notice }) {
  const me = useMe();
  const params = { path: { id: notice.id } };
  const approve = useAct({
    run: () => take(api.POST('/api/notices/{id}/approve', { params, body: { contentHash: notice.contentHash } })),
    done: 'Approved: it is on its way',
    topics: ['notice', 'incident'],
  });
  const cancel = useAct({
    run: () => take(api.POST('/api/notices/{id}/cancel', { params })),
    done: 'Cancelled',
    topics: ['notice', 'incident'],
  });
  return (
    <>
      <Button variant="default" component={Link} to={`/incidents/${notice.incidentId}`}>
        {notice.incidentNumber}
      </Button>
      {(notice.state === 'draft' || notice.state === 'queued') && (
        <GuardedButton
          permission="notices.write"
          variant="default"
          loading={cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          Cancel the notice
        </GuardedButton>
      )}
      {notice.state === 'draft' && (
        <GuardedButton
          permission="notices.write"
          blocked={whyNotApprove(notice, me?.name)}
          loading={approve.isPending}
          onClick={() => approve.mutate()}
        >
          Approve and send
        </GuardedButton>
      )}
    </>
  );
}

/** One notice: its facts, the letter they make, who gets it, and proof that it came. */
export function NoticePage() {
  const { id } = useParams({ from: '/inside/notices/$id' });
  const query = useQuery(noticeQuery(id));
  const notice = query.data;
  return (
    <Page
      title={notice === undefined ? 'Notice' : `${words(notice.kind)} notice to ${notice.tenant}`}
      lead={
        notice === undefined ? undefined : (
          <>
            <NoticeStateBadge notice={notice} /> by {notice.author}
            {notice.approvedBy !== null && `, approved by ${notice.approvedBy}`}
          </>
        )
      }
      more={notice === undefined ? undefined : <Acts notice={notice} />}
    >
      <Loaded query={query} lines={10}>
        {(loaded) => (
          <>
            <Blockers notice={loaded} />
            <div className="sw-draft">
              <div>
                <NoticeFacts key={loaded.id} notice={loaded} isLocked={loaded.state !== 'draft'} />
              </div>
              <div>
                <Preview notice={loaded} />
                <Recipients notice={loaded} />
                <Deliveries notice={loaded} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}
