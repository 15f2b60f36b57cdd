import { api, take } from '../api/client';
import type { CorrectiveAction } from '../api/types';
import { useMe } from '../app/session';
import { Badge, type Tone } from '../ui/badges';
import { GuardedButton } from '../ui/guarded-button';
import { Hostile } from '../ui/hostile';
import { today } from '../ui/forms';
import { useAct } from '../ui/use-act';

type State = CorrectiveAction['state'];
const states: Record<State, { tone: Tone; word: string }> = {
  open: { tone: 'warn', word: 'Open' },
  done: { tone: 'accent', word: 'Done' },
  verified: { tone: 'good', word: 'Verified' },
};

/** Done, verified, or open again. */
export function CorrectiveActionButtons({ action }: { action: CorrectiveAction }) {
  const me = useMe();
  const change = useAct({
    run: (state: State) =>
      take(api.PATCH('/api/corrective-actions/{id}', { params: { path: { id: action.id } }, body: { state } })),
    done: (_, state) => ({ open: 'Open again', done: 'Marked as done', verified: 'Verified' })[state],
    topics: ['incident'],
  });
  return (
    <div className="sw-card-acts">
      {action.state === 'open' && (
        <GuardedButton
          permission="incidents.work"
          variant="default"
          size="compact-sm"
          loading={change.isPending}
          onClick={() => change.mutate('done')}
        >
          Done
        </GuardedButton>
      )}
      {action.state === 'done' && (
        <GuardedButton
          permission="incidents.work"
          blocked={action.owner.id === me?.id ? 'Somebody other than the owner verifies it.' : undefined}
          variant="default"
          size="compact-sm"
          loading={change.isPending}
          onClick={() => change.mutate('verified')}
        >
          Verify
        </GuardedButton>
      )}
      {action.state !== 'open' && (
        <GuardedButton
          permission="incidents.work"
          variant="subtle"
          size="compact-sm"
          loading={change.isPending}
          onClick={() => change.mutate('open')}
        >
          Open again
        </GuardedButton>
      )}
    </div>
  );
}

/** The state, or that it is late. */
export function CorrectiveActionBadge({ action }: { action: CorrectiveAction }) {
  const isLate = action.state === 'open' && action.dueOn < today();
  return isLate ? (
    <Badge tone="bad">Late</Badge>
  ) : (
    <Badge tone={states[action.state].tone}>{states[action.state].word}</Badge>
  );
}

/** A link to the tracker, only if it is one that opens a page. */
export function TrackerLink({ url }: { url: string }) {
  if (!/^https?:\/\//.test(url)) return <Hostile text={url} />;
  return (
    <a href={url} target="_blank" rel="noreferrer noopener">
      Tracker
    </a>
  );
}

/** One corrective action within its incident. */
export function CorrectiveActionItem({ action }: { action: CorrectiveAction }) {
  return (
    <article className="sw-card" aria-label={`Corrective action: ${action.title}`}>
      <div className="sw-card-line">
        <b className="sw-grow">
          <Hostile text={action.title} />
        </b>
        <CorrectiveActionBadge action={action} />
      </div>
      <span className="sw-dim">
        {action.owner.name} · due {action.dueOn} · <TrackerLink url={action.trackerUrl} />
      </span>
      <CorrectiveActionButtons action={action} />
    </article>
  );
}
