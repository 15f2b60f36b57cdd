import { useState } from 'react';
import type { Incident } from '../api/types';
import { CorrectiveActionItem } from '../reviews/corrective-action-item';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { CorrectiveActionForm } from './corrective-action-form';
import { ReviewForm } from './review-form';
import { Stream } from './stream-frame';

/** What was learnt, and who changes what by when. */
export function ReviewStream({ incident }: { incident: Incident }) {
  const [open, setOpen] = useState<'review' | 'action' | null>(null);
  const { review } = incident;
  return (
    <Stream
      incident={incident}
      kind="review"
      end={
        <>
          <GuardedButton
            permission="incidents.work"
            variant={review === null ? 'filled' : 'default'}
            size="compact-sm"
            onClick={() => setOpen('review')}
          >
            {review === null ? 'Record the review' : 'Edit the review'}
          </GuardedButton>
          <GuardedButton
            permission="incidents.work"
            variant="default"
            size="compact-sm"
            onClick={() => setOpen('action')}
          >
            Add a corrective action
          </GuardedButton>
        </>
      }
    >
      {review !== null && (
        <div className="sw-card">
          <b>Held on {review.heldOn}</b>
          <span className="sw-dim">{review.participants.join(', ')}</span>
          {review.wentWell !== '' && (
            <span>
              Well: <Hostile text={review.wentWell} fold={140} />
            </span>
          )}
          {review.wentBadly !== '' && (
            <span>
              Badly: <Hostile text={review.wentBadly} fold={140} />
            </span>
          )}
          {review.noActionsReason !== null && (
            <span className="sw-dim">
              No actions: <Hostile text={review.noActionsReason} fold={140} />
            </span>
          )}
        </div>
      )}
      {incident.correctiveActions.map((action) => (
        <CorrectiveActionItem key={action.id} action={action} />
      ))}
      {review === null && incident.correctiveActions.length === 0 && (
        <span className="sw-dim">Held once the dust has settled. Corrective actions can be noted at once.</span>
      )}
      {open === 'review' && <ReviewForm incident={incident} onClose={() => setOpen(null)} />}
      {open === 'action' && <CorrectiveActionForm incident={incident} onClose={() => setOpen(null)} />}
    </Stream>
  );
}
