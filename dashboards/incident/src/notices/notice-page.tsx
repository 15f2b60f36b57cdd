import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, take } from '../api/client';
import type { Notice } from '../api/types';
import { useMe } from '../app/session';
import { Badge, type Tone, words } from '../ui/badges';
import { ReasonDialog } from '../ui/forms';
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

type Delivery = Notice['deliveries'][number];

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
            <li key={delivery.id} className="sw-row">
              <Badge tone={deliveryTones[delivery.state] ?? 'plain'}>{words(delivery.state)}</Badge>
              <span className="sw-grow">
                <Hostile text={delivery.recipient} fold={80} />
                {delivery.receivedAt !== null && (
                  <>
                    {' '}
                    <Badge tone="good">Read it</Badge>
                  </>
                )}
                {delivery.settled !== null && (
                  <>
                    <br />
                    Dealt with by {delivery.settled.by}: <Hostile text={delivery.settled.reason} fold={160} />
                  </>
                )}
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
              {(delivery.state === 'bounced' || delivery.state === 'failed') && delivery.settled === null && (
                <SettleButton delivery={delivery} />
              )}
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

/** Two people may let a name stay that looks like another silo's: silos can be named like ordinary words. */
function OverrideButton({ notice }: { notice: Notice }) {
  const [isOpen, setOpen] = useState(false);
  const override = useAct({
    run: (reason: string) =>
      take(
        api.POST('/api/notices/{id}/override', {
          params: { path: { id: notice.id } },
          body: { contentHash: notice.contentHash, reason },
        }),
      ),
    done: 'Noted. Two people have to say so.',
    topics: ['notice'],
    showsErrors: true,
    then: () => setOpen(false),
  });
  return (
    <>
      <GuardedButton permission="notices.write" variant="default" size="compact-sm" onClick={() => setOpen(true)}>
        It may stay…
      </GuardedButton>
      {isOpen && (
        <ReasonDialog
          title="Let the name stay"
          about="Only if it is an ordinary word here and tells this customer nothing of another. A second person has to say so, too."
          submit="It may stay"
          isDangerous
          isPending={override.isPending}
          error={override.error}
          onSubmit={override.mutate}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

/** A bounce or failure counts until somebody says how it was dealt with. */
function SettleButton({ delivery }: { delivery: Delivery }) {
  const [isOpen, setOpen] = useState(false);
  const settle = useAct({
    run: (reason: string) =>
      take(api.POST('/api/deliveries/{id}/settle', { params: { path: { id: delivery.id } }, body: { reason } })),
    done: 'Dealt with',
    topics: ['notice', 'incident'],
    showsErrors: true,
    then: () => setOpen(false),
  });
  return (
    <>
      <GuardedButton permission="notices.write" variant="default" size="compact-sm" onClick={() => setOpen(true)}>
        Deal with it…
      </GuardedButton>
      {isOpen && (
        <ReasonDialog
          title={`It did not reach ${delivery.recipient}`}
          label="How they were reached instead"
          submit="It is dealt with"
          isPending={settle.isPending}
          error={settle.error}
          onSubmit={settle.mutate}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

/** What stands between the draft and the customer. */
function Blockers({ notice }: { notice: Notice }) {
  const labelOf = (key: string): string => notice.fields.find((field) => field.key === key)?.label ?? key;
  const isClear = notice.missingFacts.length + notice.warnings.length + notice.leaks.length === 0;
  if (notice.state !== 'draft' || isClear) return null;
  return (
    <div className="sw-problem" data-tone="warn" role="status">
      <div className="sw-grow">
        <b>Not ready for approval</b>
        <ul>
          {notice.missingFacts.map((fact) => (
            <li key={fact}>Missing: {labelOf(fact)}</li>
          ))}
          {notice.leaks.map((leak) => (
            <li key={`${leak.field} ${leak.words}`}>
              {labelOf(leak.field)} names another silo: <Hostile text={leak.words} fold={120} mono />. Take it out, or
              let two people say why it may stay.
            </li>
          ))}
          {notice.overrides.map((override) => (
            <li key={override.by}>
              {override.by} lets the name stay: <Hostile text={override.reason} />
            </li>
          ))}
          {notice.warnings.map((warning) => (
            <li key={warning}>
              <Hostile text={warning} />
            </li>
          ))}
        </ul>
      </div>
      {notice.leaks.length > 0 && <OverrideButton notice={notice} />}
    </div>
  );
}

function whyNotApprove(notice: Notice, staffId: string | undefined): string | undefined {
  if (notice.missingFacts.length > 0) return 'A fact is missing.';
  if (notice.recipients.length === 0) return 'There is no verified recipient.';
  return notice.editors.some((editor) => editor.id === staffId) ? 'Somebody else approves what you wrote.' : undefined;
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
      {notice.state === 'draft' && (
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
          blocked={whyNotApprove(notice, me?.id)}
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
