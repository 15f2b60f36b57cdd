import { useQuery } from '@tanstack/react-query';
import type { OnCall } from '../api/types';
import { Badge } from '../ui/badges';
import { Loaded, Quiet } from '../ui/loaded';
import { Page, Panel } from '../ui/panel';
import { When } from '../ui/time';
import { onCallQuery } from './on-call-queries';
import { PageLog } from './page-log';
import { ShiftCalendar } from './shift-calendar';
import '../incidents/incident.css';
import './on-call.css';

function Duty({ now }: { now: OnCall['now'] }) {
  if (now.length === 0) {
    return (
      <div className="sw-panel">
        <Quiet title="Nobody is on call">
          A page would go to the last resort only. An administrator adds a schedule with people in it.
        </Quiet>
      </div>
    );
  }
  return (
    <div className="sw-duty">
      {now.map((duty) => (
        <section key={duty.schedule} className="sw-panel" aria-label={duty.schedule}>
          <span className="sw-dim">{duty.schedule}</span>
          <b>{duty.staff}</b>
          <span className="sw-dim">
            <When at={duty.until} label="until" />
            {duty.next !== null && `, then ${duty.next}`}
          </span>
        </section>
      ))}
    </div>
  );
}

function Policies({ policies }: { policies: OnCall['policies'] }) {
  return (
    <>
      {policies.map((policy) => (
        <Panel
          key={policy.id}
          title={policy.name}
          more={policy.isDefault ? <Badge tone="accent">Default</Badge> : undefined}
        >
          <ol className="sw-ladder">
            {policy.steps.map((step, i) => (
              <li key={i}>
                <span className="sw-dim">step {i + 1}</span>
                <span>
                  {step.targets.join(', ')} <span className="sw-dim">· {step.delayMinutes} min to answer</span>
                </span>
              </li>
            ))}
            <li>
              <span className="sw-dim">last resort</span>
              <span>
                {policy.lastResort.targets.join(', ')}, every {policy.lastResort.everyMinutes} min
              </span>
            </li>
          </ol>
          <p className="sw-dim">
            The steps are repeated {policy.repeat} {policy.repeat === 1 ? 'time' : 'times'} until somebody acknowledges.
          </p>
        </Panel>
      ))}
    </>
  );
}

/** Who is reached, who is next, and what became of each page. */
export function OnCallPage() {
  const query = useQuery(onCallQuery);
  return (
    <Page title="On call">
      <Loaded query={query} lines={8}>
        {(onCall) => (
          <>
            <Duty now={onCall.now} />
            <Panel flush title="Shifts">
              {onCall.schedules.length === 0 ? (
                <Quiet title="No schedule">An administrator adds one: who takes turns, how long, from when.</Quiet>
              ) : (
                <ShiftCalendar schedules={onCall.schedules} />
              )}
            </Panel>
            <div className="sw-two">
              <div>
                <PageLog pages={onCall.pages} />
              </div>
              <div>
                <Policies policies={onCall.policies} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}
