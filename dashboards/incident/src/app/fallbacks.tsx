import { Button, Loader } from '@mantine/core';
import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { ProblemNote, Quiet } from '../ui/loaded';

export function WaitingPage() {
  return (
    <div className="sw-whole" role="status" aria-label="Loading">
      <Loader size="sm" />
    </div>
  );
}

export function FailedPage({ error, reset }: ErrorComponentProps) {
  return (
    <div className="sw-whole">
      <div>
        <ProblemNote error={error} />
        <Button mt="md" variant="default" onClick={reset}>
          Try again
        </Button>
      </div>
    </div>
  );
}

export function MissingPage() {
  return (
    <div className="sw-whole">
      <Quiet title="There is no such page">
        The address may be mistyped. <Link to="/">Go to what is happening now</Link>.
      </Quiet>
    </div>
  );
}
