import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, take } from '../api/client';
import { about } from '../api/topics';
import { GuardedButton } from '../ui/guarded-button';
import { Ago } from '../ui/time';
import { useAct } from '../ui/use-act';

const sendingQuery = queryOptions({
  queryKey: ['sending'],
  meta: about(),
  queryFn: () => take(api.GET('/api/sending')),
  refetchInterval: 30_000,
});

/** Above every page while nothing leaves the house, with the way out. */
export function SendingPaused() {
  const { data, refetch } = useQuery(sendingQuery);
  const resume = useAct({
    run: () => take(api.POST('/api/sending/resume')),
    done: 'Sending goes on within two seconds',
    topics: [],
    then: () => void refetch(),
  });
  const paused = data?.paused ?? null;
  if (paused === null) return null;
  return (
    <div className="sw-lost sw-paused" role="alert">
      <span className="sw-grow">
        <b>
          Sending is paused (<Ago at={paused.since} />
          ).
        </b>{' '}
        {paused.reason} Look at what is due, then let it go out.
      </span>
      <GuardedButton
        permission="settings.change"
        size="compact-sm"
        loading={resume.isPending}
        onClick={() => resume.mutate()}
      >
        Send again
      </GuardedButton>
    </div>
  );
}
