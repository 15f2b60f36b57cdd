import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { Incident } from '../api/types';
import { Hostile } from '../ui/hostile';
import { Loaded } from '../ui/loaded';
import { ContainmentStream } from './containment-stream';
import { Evidence } from './evidence';
import { IncidentHead } from './incident-head';
import { incidentQuery } from './incident-queries';
import { NextSteps } from './next-steps';
import { NotificationStream } from './notification-stream';
import { ReviewStream } from './review-stream';
import { RootCauseStream } from './root-cause-stream';
import { Timeline } from './timeline';
import './incident.css';

function Body({ incident }: { incident: Incident }) {
  return (
    <>
      <title>{`${incident.number} · Silowatch`}</title>
      <IncidentHead incident={incident} />
      {incident.description !== '' && (
        <p className="sw-dim sw-inc-description">
          <Hostile text={incident.description} />
        </p>
      )}
      <NextSteps incident={incident} />
      <div className="sw-streams">
        <ContainmentStream incident={incident} />
        <RootCauseStream incident={incident} />
        <NotificationStream incident={incident} />
        <ReviewStream incident={incident} />
      </div>
      <div className="sw-inc-body">
        <Timeline incidentId={incident.id} />
        <div>
          <Evidence incident={incident} />
        </div>
      </div>
    </>
  );
}

/** One incident, from the first alert to the last corrective action. */
export function IncidentPage() {
  const { id } = useParams({ from: '/inside/incidents/$id' });
  const query = useQuery(incidentQuery(id));
  return (
    <div className="sw-page">
      <Loaded query={query} lines={10}>
        {(incident) => <Body key={incident.id} incident={incident} />}
      </Loaded>
    </div>
  );
}
