import { Button, TextInput } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type SubmitEvent, Fragment, useState } from 'react';
import '../alerts/alerts.css';
import { api, take } from '../api/client';
import type { TrailRow } from '../api/types';
import { Badge } from '../ui/badges';
import { Hostile } from '../ui/hostile';
import { Loaded, Quiet } from '../ui/loaded';
import { Page } from '../ui/panel';
import { When } from '../ui/time';
import { Older } from '../ui/older';

interface Filter {
  action?: string;
  actor?: string;
}

const trailQuery = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ['trail', filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/trail', {
          params: { query: { ...filter, limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        }),
      ),
    getNextPageParam: (page) => page.nextCursor,
  });

const shown = (value: unknown): string =>
  value === null || value === undefined ? 'nothing' : JSON.stringify(value, null, 2);

function Row({ row }: { row: TrailRow }) {
  const [isOpen, setOpen] = useState(false);
  const hasChange = row.before !== null || row.after !== null;
  return (
    <Fragment>
      <tr>
        <td className="sw-num">
          <When at={row.at} />
        </td>
        <td>
          <Hostile text={row.actor.name ?? row.actor.id} fold={60} /> <span className="sw-dim">{row.actor.kind}</span>
        </td>
        <td className="sw-mono">{row.action}</td>
        <td>
          {row.object.type} <Hostile text={row.object.id} fold={40} mono />
        </td>
        <td>{row.tenant ?? <span className="sw-faint">–</span>}</td>
        <td className="sw-mono">{row.actor.ip ?? <span className="sw-faint">–</span>}</td>
        <td>
          {row.seal === null ? (
            <Badge tone="warn">Not sealed yet</Badge>
          ) : (
            <Badge tone="good">Seal {row.seal.seq}</Badge>
          )}
        </td>
        <td data-end>
          {hasChange && (
            <button type="button" className="sw-fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {isOpen ? 'Hide' : 'Change'}
            </button>
          )}
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={8}>
            <pre className="sw-code" tabIndex={0}>
              <Hostile text={`before ${shown(row.before)}\nafter  ${shown(row.after)}`} fold={4000} />
            </pre>
          </td>
        </tr>
      )}
    </Fragment>
  );
}

/** Who did what, on what, when, from where; append-only and sealed. */
export function TrailPage() {
  const filter = useSearch({ from: '/inside/trail' });
  const navigate = useNavigate({ from: '/trail' });
  const query = useInfiniteQuery(trailQuery(filter));
  const [action, setAction] = useState(filter.action ?? '');
  const [actor, setActor] = useState(filter.actor ?? '');
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void navigate({ search: { ...(action === '' ? {} : { action }), ...(actor === '' ? {} : { actor }) } });
  };
  return (
    <Page
      title="Trail"
      lead="Every change, and every look at raw evidence. Rows are append-only; each second the new ones are chained and sealed."
    >
      <form className="sw-filters" role="search" onSubmit={submit}>
        <TextInput
          aria-label="Action"
          placeholder="Action, e.g. evidence.read"
          value={action}
          onChange={(event) => setAction(event.currentTarget.value)}
        />
        <TextInput
          aria-label="Actor"
          placeholder="Actor"
          value={actor}
          onChange={(event) => setActor(event.currentTarget.value)}
        />
        <Button type="submit" variant="default">
          Filter
        </Button>
      </form>
      <div className="sw-panel sw-scroll" tabIndex={0} role="region" aria-label="Trail">
        <Loaded query={query} lines={10}>
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.items);
            if (rows.length === 0) {
              return (
                <Quiet icon={<IconHistory size={26} stroke={1.5} />} title="No row fits">
                  Clear a filter. Sign-ins, verdicts, approvals and looks at evidence are all here.
                </Quiet>
              );
            }
            return (
              <table className="sw-table">
                <thead>
                  <tr>
                    <th>When</th>
                    <th>Who</th>
                    <th>Did</th>
                    <th>On</th>
                    <th>Silo</th>
                    <th>From</th>
                    <th>Seal</th>
                    <th>
                      <span className="sw-hidden">Change</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <Row key={row.id} row={row} />
                  ))}
                </tbody>
              </table>
            );
          }}
        </Loaded>
      </div>
      <Older query={query} />
    </Page>
  );
}
