import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconBuilding, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { Silo, SiloList } from '../api/types';
import { EnterSubmits } from '../ui/forms';
import { Loaded, Quiet } from '../ui/loaded';
import { Page } from '../ui/panel';
import { useListKeys } from '../ui/use-list-keys';
import { orderOf, type SiloOrder, siloPageQuery, type SiloSearch } from './silo-queries';
import { AgentBadge, Behind, Count, LastEvent, perSecond, SiloState, Sparkline, streamTone } from './silo-words';
import { PipelineWork } from './silo-work';
import './silos.css';

type Change = (values: SiloSearch) => void;

const orderWords: { value: SiloOrder; label: string }[] = [
  { value: 'name', label: 'By name' },
  { value: 'lag', label: 'Worst lag first' },
  { value: 'quiet', label: 'Longest quiet first' },
  { value: 'rate', label: 'Highest rate first' },
  { value: 'dead-letters', label: 'Most dead letters first' },
  { value: 'incidents', label: 'Most incidents first' },
];

function Totals({ totals }: { totals: SiloList['totals'] }) {
  const figures: [string, number, 'bad' | 'warn' | undefined][] = [
    ['silos', totals.silos, undefined],
    ['in trouble', totals.trouble, 'bad'],
    ['silent', totals.silent, 'bad'],
    ['behind', totals.behind, 'warn'],
  ];
  return (
    <ul className="sw-silo-totals" aria-label="All silos">
      {figures.map(([word, value, tone]) => (
        <li key={word} data-tone={value > 0 ? tone : undefined}>
          <b className="sw-num">{value.toLocaleString()}</b> {word}
        </li>
      ))}
    </ul>
  );
}

function Filters({ search, onChange }: { search: SiloSearch; onChange: Change }) {
  const [text, setText] = useState(search.q ?? '');
  return (
    <form
      className="sw-silo-filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onChange({ q: text.trim() });
      }}
    >
      <TextInput
        className="sw-grow"
        aria-label="Find a silo"
        placeholder="Find by name, then Enter"
        leftSection={<IconSearch size={15} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <SegmentedControl
        aria-label="Show"
        data={[
          { value: 'all', label: 'All' },
          { value: 'trouble', label: 'In trouble' },
        ]}
        value={search.show === 'trouble' ? 'trouble' : 'all'}
        onChange={(show) => onChange({ show })}
      />
      <Select
        w={200}
        aria-label="Order"
        allowDeselect={false}
        data={orderWords}
        value={orderOf(search)}
        onChange={(order) => onChange(order === null ? {} : { order })}
      />
      <EnterSubmits />
    </form>
  );
}

function Head({
  order,
  by,
  children,
  onOrder,
}: {
  order: SiloOrder;
  by: SiloOrder;
  children: ReactNode;
  onOrder: Change;
}) {
  const isOrder = order === by;
  return (
    <th
      data-end={by === 'name' ? undefined : true}
      aria-sort={isOrder ? (by === 'name' ? 'ascending' : 'descending') : 'none'}
    >
      <button type="button" className="sw-sort" onClick={() => onOrder({ order: by })}>
        {children}
        <span aria-hidden>{isOrder ? (by === 'name' ? ' ▲' : ' ▼') : ''}</span>
      </button>
    </th>
  );
}

function Row({ silo }: { silo: Silo }) {
  const sum = (read: (stream: Silo['streams'][number]) => number): number =>
    silo.streams.reduce((total, stream) => total + read(stream), 0);
  return (
    <tr data-open>
      <td>
        <Link className="sw-link" to="/silos/$tenant" params={{ tenant: silo.tenant }} data-row>
          <b>{silo.name}</b> <span className="sw-mono sw-dim">{silo.tenant}</span>
        </Link>
      </td>
      <td>
        <SiloState silo={silo} />
      </td>
      {silo.streams.map((stream) => (
        <td key={stream.stream}>
          <span className="sw-silo-last">
            <span className="sw-dot" data-tone={streamTone(stream)} />
            <LastEvent stream={stream} />
          </span>
        </td>
      ))}
      <td data-end className="sw-num">
        <span className="sw-silo-rate">
          <Sparkline minutes={silo.minutes} />
          <span>{perSecond(sum(({ eventsPerSecond }) => eventsPerSecond))}</span>
        </span>
      </td>
      <td data-end className="sw-num">
        <Behind streams={silo.streams} />
      </td>
      <td data-end className="sw-num">
        <Count value={sum(({ parseFailures }) => parseFailures)} />
      </td>
      <td data-end className="sw-num">
        <Count value={sum(({ deadLetters }) => deadLetters)} />
      </td>
      <td>
        <AgentBadge agent={silo.agent} />
      </td>
      <td data-end className="sw-num">
        <Count value={silo.openIncidents} />
      </td>
    </tr>
  );
}

function Wide({ silos, order, onOrder }: { silos: readonly Silo[]; order: SiloOrder; onOrder: Change }) {
  const list = useListKeys<HTMLTableSectionElement>();
  const head = { order, onOrder };
  return (
    <div className="sw-panel sw-scroll sw-silo-wide" tabIndex={0} role="region" aria-label="Silos">
      <table className="sw-table">
        <thead>
          <tr>
            <Head {...head} by="name">
              Silo
            </Head>
            <th>State</th>
            <th>Last access</th>
            <th>Last audit</th>
            <Head {...head} by="rate">
              Rate, half an hour
            </Head>
            <Head {...head} by="lag">
              Behind
            </Head>
            <th data-end>Unreadable</th>
            <Head {...head} by="dead-letters">
              Dead letters
            </Head>
            <th>Agent</th>
            <Head {...head} by="incidents">
              Incidents
            </Head>
          </tr>
        </thead>
        <tbody ref={list}>
          {silos.map((silo) => (
            <Row key={silo.tenant} silo={silo} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** On narrow screens: one card a silo. */
function Card({ silo }: { silo: Silo }) {
  return (
    <Link to="/silos/$tenant" params={{ tenant: silo.tenant }} className="sw-panel sw-silo-card" data-row>
      <span className="sw-silo-card-head">
        <b className="sw-grow">{silo.name}</b>
        <SiloState silo={silo} />
      </span>
      {silo.streams.map((stream) => (
        <span key={stream.stream} className="sw-silo-last">
          <span className="sw-dot" data-tone={streamTone(stream)} />
          <span className="sw-grow">
            {stream.stream} · <LastEvent stream={stream} />
          </span>
          <span className="sw-num sw-dim">
            {perSecond(stream.eventsPerSecond)}
            {stream.lagRecords > 0 && ` · ${stream.lagRecords.toLocaleString()} behind`}
          </span>
        </span>
      ))}
      <span className="sw-silo-last">
        <Sparkline minutes={silo.minutes} />
        <span className="sw-grow" />
        <AgentBadge agent={silo.agent} />
      </span>
    </Link>
  );
}

function Nothing({ search }: { search: SiloSearch }) {
  if (search.show === 'trouble' || (search.q ?? '') !== '') {
    return (
      <Quiet icon={<IconBuilding size={26} stroke={1.5} />} title={search.q ? 'No silo fits' : 'No silo is in trouble'}>
        {search.q
          ? 'Search for less, or show all.'
          : 'None is silent, behind, without its agent, or part of an open incident.'}
      </Quiet>
    );
  }
  return (
    <Quiet icon={<IconBuilding size={26} stroke={1.5} />} title="No silo yet">
      <span className="sw-mono">npx silowatch silo add</span> provisions one; it shows here without a restart.
    </Quiet>
  );
}

/** One row a silo: is it speaking, are we keeping up, is its agent there. */
export function SilosPage() {
  const search = useSearch({ from: '/inside/silos' });
  const navigate = useNavigate({ from: '/silos' });
  /** Cursors of the pages up to the one that is shown. */
  const [path, setPath] = useState<readonly string[]>([]);
  const query = useQuery(siloPageQuery(search, path.at(-1)));
  const change: Change = (values) => {
    setPath([]);
    const kept = Object.entries({ ...search, ...values }).filter(
      ([key, value]) => value !== '' && value !== { order: 'name', show: 'all' }[key],
    );
    void navigate({ search: Object.fromEntries(kept), replace: true });
  };
  return (
    <Page
      title="Silos"
      lead="A silo is one customer’s own environment. Behind is what lies in its log and is not read yet."
      more={query.data === undefined ? undefined : <Totals totals={query.data.totals} />}
    >
      <Filters search={search} onChange={change} />
      <Loaded query={query} lines={6}>
        {({ items, nextCursor, pipeline }) => (
          <>
            {items.length === 0 ? (
              <div className="sw-panel">
                <Nothing search={search} />
              </div>
            ) : (
              <>
                <Wide silos={items} order={orderOf(search)} onOrder={change} />
                <div className="sw-silo-narrow">
                  {items.map((silo) => (
                    <Card key={silo.tenant} silo={silo} />
                  ))}
                </div>
              </>
            )}
            {(path.length > 0 || nextCursor !== null) && (
              <nav className="sw-silo-pages" aria-label="Pages of silos">
                <Button variant="default" disabled={path.length === 0} onClick={() => setPath(path.slice(0, -1))}>
                  Back
                </Button>
                <span className="sw-dim">Page {path.length + 1}</span>
                <Button
                  variant="default"
                  disabled={nextCursor === null}
                  onClick={() => nextCursor !== null && setPath([...path, nextCursor])}
                >
                  Next
                </Button>
              </nav>
            )}
            <PipelineWork pipeline={pipeline} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
