import type { NoticeSummary } from '../api/types';
import { Badge, type Tone, words } from '../ui/badges';

const tones: Record<string, Tone> = {
  draft: 'warn',
  queued: 'accent',
  approved: 'accent',
  sent: 'good',
  cancelled: 'plain',
};

/** A notice's state; a bounce or failure counts more than having been sent. */
export function NoticeStateBadge({ notice }: { notice: Pick<NoticeSummary, 'state' | 'deliveries'> }) {
  const lost = notice.deliveries.filter(
    (delivery) => (delivery.state === 'bounced' || delivery.state === 'failed') && delivery.settled === null,
  ).length;
  if (lost > 0) {
    return (
      <Badge tone="bad">
        {lost} of {notice.deliveries.length} did not arrive
      </Badge>
    );
  }
  return <Badge tone={tones[notice.state] ?? 'plain'}>{words(notice.state)}</Badge>;
}
