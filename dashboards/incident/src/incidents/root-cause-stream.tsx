import { Select, Stack, Text, Textarea, Modal } from '@mantine/core';
import { type SubmitEvent, useState } from 'react';
import { api, done } from '../api/client';
import type { Incident } from '../api/types';
import { useMe } from '../app/session';
import { Badge } from '../ui/badges';
import { FormEnd } from '../ui/forms';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { ProblemNote } from '../ui/loaded';
import { When } from '../ui/time';
import { useAct } from '../ui/use-act';
import { RootCauseForm } from './root-cause-form';
import { Stream } from './stream-frame';

const verdicts = [
  { value: 'accepted', label: 'Accept: it explains what happened' },
  { value: 'returned', label: 'Return: something is missing' },
];

function ReviewDialog({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const [verdict, setVerdict] = useState<'accepted' | 'returned'>('accepted');
  const [comment, setComment] = useState('');
  const review = useAct({
    run: () =>
      done(
        api.POST('/api/incidents/{id}/root-cause/review', {
          params: { path: { id: incident.id } },
          body: { verdict, comment, ...(incident.rootCause === null ? {} : { version: incident.rootCause.version }) },
        }),
      ),
    done: verdict === 'accepted' ? 'Root cause accepted' : 'Root cause returned',
    topics: ['incident'],
    showsErrors: true,
    then: onClose,
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    review.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Review the root cause">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Select
            label="Your verdict"
            data={verdicts}
            allowDeselect={false}
            value={verdict}
            onChange={(value) => setVerdict(value === 'returned' ? 'returned' : 'accepted')}
          />
          <Textarea
            label="Comment"
            minRows={3}
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
          <ProblemNote error={review.error} />
          <FormEnd submit="Give the verdict" isPending={review.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}

/** Why it could happen, with evidence for each step. */
export function RootCauseStream({ incident }: { incident: Incident }) {
  const me = useMe();
  const [open, setOpen] = useState<'form' | 'review' | null>(null);
  const cause = incident.rootCause;
  const isOwn = cause?.editors.some((editor) => editor.id === me?.id) ?? false;
  return (
    <Stream
      incident={incident}
      kind="root_cause"
      end={
        <>
          <GuardedButton
            permission="incidents.work"
            variant={cause === null ? 'filled' : 'default'}
            size="compact-sm"
            onClick={() => setOpen('form')}
          >
            {cause === null ? 'Write it down' : 'Edit'}
          </GuardedButton>
          {cause !== null && (
            <GuardedButton
              permission="incidents.work"
              blocked={isOwn ? 'Whoever wrote on it does not review it: ask somebody else.' : undefined}
              size="compact-sm"
              variant={cause.review?.verdict === 'accepted' ? 'default' : 'filled'}
              onClick={() => setOpen('review')}
            >
              Review
            </GuardedButton>
          )}
        </>
      }
    >
      {cause === null ? (
        <span className="sw-dim">Nothing is written yet: what happened, the chain of whys, and three times.</span>
      ) : (
        <div className="sw-card">
          <b>{cause.category === '' ? 'No category' : cause.category}</b>
          <Hostile text={cause.whatHappened} fold={220} />
          {cause.whys.length > 0 && (
            <Text size="sm" c="dimmed">
              {cause.whys.length} {cause.whys.length === 1 ? 'why' : 'whys'}; the last:{' '}
              <Hostile text={cause.whys.at(-1)?.text ?? ''} fold={160} />
            </Text>
          )}
          <span className="sw-dim">
            {cause.editors.map((editor) => editor.name).join(', ')} · <When at={cause.updatedAt} />
          </span>
        </div>
      )}
      {cause !== null && cause.review !== null && (
        <div className="sw-card">
          <span className="sw-card-line">
            <Badge tone={cause.review.verdict === 'accepted' ? 'good' : 'warn'}>
              {cause.review.verdict === 'accepted' ? 'Accepted' : 'Returned'}
            </Badge>
            by {cause.review.reviewer.name} <When at={cause.review.at} />
          </span>
          {cause.review.comment !== '' && <Hostile text={cause.review.comment} />}
        </div>
      )}
      {open === 'form' && <RootCauseForm incident={incident} onClose={() => setOpen(null)} />}
      {open === 'review' && <ReviewDialog incident={incident} onClose={() => setOpen(null)} />}
    </Stream>
  );
}
