import { Select, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { silosQuery } from '../silos/silo-queries';
import { EnterSubmits } from '../ui/forms';
import { Loaded, Quiet } from '../ui/loaded';
import { Page } from '../ui/panel';
import { Older } from '../ui/older';
import { AlertDetail } from './alert-detail';
import { AlertList } from './alert-list';
import { type AlertFilter, alertsQuery } from './alert-queries';
import './alerts.css';

type Search = AlertFilter & { group?: string; open?: string };

const verdicts = [
  { value: 'none', label: 'To judge' },
  { value: 'true_positive', label: 'True' },
  { value: 'false_positive', label: 'False alarm' },
  { value: 'benign', label: 'Benign' },
];
const groupings = [
  { value: 'rule', label: 'By rule' },
  { value: 'silo', label: 'By silo' },
  { value: 'entity', label: 'By actor' },
];

function Filters({
  search,
  onChange,
}: {
  search: Search;
  onChange: (change: Record<string, string | undefined>) => void;
}) {
  const silos = useQuery(silosQuery);
  const [text, setText] = useState(search.q ?? '');
  const set = (key: string) => (value: string | null) => onChange({ [key]: value ?? undefined });
  return (
    <form
      className="sw-filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onChange({ q: text.trim() === '' ? undefined : text.trim() });
      }}
    >
      <TextInput
        className="sw-wide"
        aria-label="Find in rules and actors"
        placeholder="Find in rules and actors, then Enter"
        leftSection={<IconSearch size={15} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Select
        w={130}
        aria-label="Verdict"
        placeholder="Any verdict"
        clearable
        data={verdicts}
        value={search.verdict ?? null}
        onChange={set('verdict')}
      />
      <Select
        w={130}
        aria-label="Level"
        placeholder="Any level"
        clearable
        data={['critical', 'high', 'medium', 'low', 'informational']}
        value={search.level ?? null}
        onChange={set('level')}
      />
      <Select
        w={150}
        aria-label="Silo"
        placeholder="Any silo"
        clearable
        searchable
        data={(silos.data ?? []).map((silo) => ({ value: silo.tenant, label: silo.name }))}
        value={search.tenant ?? null}
        onChange={set('tenant')}
      />
      <Select
        w={150}
        aria-label="Incident"
        placeholder="In or out"
        clearable
        data={[
          { value: 'none', label: 'Without incident' },
          ...(search.incident !== undefined && search.incident !== 'none'
            ? [{ value: search.incident, label: 'Of one incident' }]
            : []),
        ]}
        value={search.incident ?? null}
        onChange={set('incident')}
      />
      <Select
        w={120}
        aria-label="Group"
        placeholder="Newest first"
        clearable
        data={groupings}
        value={search.group ?? null}
        onChange={set('group')}
      />
      <EnterSubmits />
    </form>
  );
}

/** The triage queue: look, judge, join. */
export function AlertsPage() {
  const search = useSearch({ from: '/inside/alerts' });
  const navigate = useNavigate({ from: '/alerts' });
  const { group, open, ...filter } = search;
  const query = useInfiniteQuery(alertsQuery(filter));
  const change = (values: Record<string, string | undefined>): void => {
    void navigate({ search: (before) => ({ ...before, ...values }), replace: true });
  };
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <Page title="Alerts" lead="j and k move, Enter opens.">
      <Filters search={search} onChange={change} />
      <div className="sw-triage" data-split={open !== undefined || undefined}>
        <div className="sw-panel sw-triage-list">
          <Loaded query={query} lines={10}>
            {({ pages }) => {
              const alerts = pages.flatMap((page) => page.items);
              if (alerts.length === 0) {
                return (
                  <Quiet
                    icon={<IconAlertTriangle size={26} stroke={1.5} />}
                    title={isFiltered ? 'No alert fits these filters' : 'No alert yet'}
                  >
                    {isFiltered
                      ? 'Clear one of them to see more.'
                      : 'A rule that matches a silo’s events raises one here within seconds.'}
                  </Quiet>
                );
              }
              return <AlertList alerts={alerts} group={group} open={open} onOpen={(id) => change({ open: id })} />;
            }}
          </Loaded>
          <Older query={query} />
        </div>
        {open !== undefined && <AlertDetail key={open} id={open} onClose={() => change({ open: undefined })} />}
      </div>
    </Page>
  );
}
