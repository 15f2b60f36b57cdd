import { Modal, Table, Kbd } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { IconKeyboard, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { nowQuery } from '../now/now-query';
import { silosQuery } from '../silos/silo-queries';
import { mayAct } from '../ui/use-list-keys';
import { places } from './navigation';
import { useMay, useMe } from './session';

const CHORD_MS = 1200;

/** `g` and then a page's key goes there; `?` lists the keys. */
function useKeys(go: (to: (typeof places)[number]['to']) => void, help: () => void): void {
  const chordAt = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!mayAct(event)) return;
      if (event.key === '?') {
        help();
        return;
      }
      if (event.key === 'g') {
        chordAt.current = event.timeStamp;
        return;
      }
      if (event.timeStamp - chordAt.current > CHORD_MS) return;
      chordAt.current = 0;
      const place = places.find(({ key }) => key === event.key);
      if (place !== undefined) go(place.to);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [go, help]);
}

function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const rows: [string[], string][] = [
    [['Ctrl', 'K'], 'Search pages, open incidents and silos'],
    [['j'], 'Next row'],
    [['k'], 'Previous row'],
    [['Enter'], 'Open the row'],
    ...places.map((place): [string[], string] => [['g', place.key], place.label]),
    [['?'], 'This list'],
  ];
  return (
    <Modal opened onClose={onClose} title="Keyboard">
      <Table>
        <Table.Tbody>
          {rows.map(([keys, what]) => (
            <Table.Tr key={what}>
              <Table.Td>
                {keys.map((key) => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}

/** Everything in reach of the keyboard: pages, open incidents, silos. */
export function CommandPalette() {
  const me = useMe();
  const navigate = useNavigate();
  const maySee = useMay('security.see');
  const now = useQuery({ ...nowQuery, enabled: maySee });
  const silos = useQuery({ ...silosQuery, enabled: maySee });
  const [isHelpOpen, help] = useDisclosure(false);
  useKeys((to) => void navigate({ to }), help.open);
  const actions: SpotlightActionGroupData[] = [
    {
      group: 'Open incidents',
      actions: (now.data?.incidents ?? []).map((incident) => ({
        id: incident.id,
        label: `${incident.number} · ${incident.title}`,
        description: `${incident.severity} · ${incident.tenants.join(', ')}`,
        onClick: () => void navigate({ to: '/incidents/$id', params: { id: incident.id } }),
      })),
    },
    {
      group: 'Pages',
      actions: places
        .filter((place) => me?.permissions.includes(place.permission))
        .map((place) => ({
          id: place.to,
          label: place.label,
          description: place.about,
          leftSection: <place.icon size={18} stroke={1.6} />,
          onClick: () => void navigate({ to: place.to }),
        })),
    },
    {
      group: 'Silos',
      actions: (silos.data ?? []).map((silo) => ({
        id: `silo-${silo.tenant}`,
        label: silo.name,
        description: silo.tenant,
        onClick: () => void navigate({ to: '/silos/$tenant', params: { tenant: silo.tenant } }),
      })),
    },
    {
      group: 'Help',
      actions: [
        {
          id: 'keys',
          label: 'Keyboard shortcuts',
          leftSection: <IconKeyboard size={18} stroke={1.6} />,
          onClick: help.open,
        },
      ],
    },
  ];
  return (
    <>
      <Spotlight
        actions={actions.filter((group) => group.actions.length > 0)}
        shortcut="mod + K"
        nothingFound="Nothing by that name. Incidents are found by number or title, silos by name."
        highlightQuery
        scrollable
        maxHeight={440}
        searchProps={{
          leftSection: <IconSearch size={18} />,
          placeholder: 'Search or do…',
          'aria-label': 'Search or do',
        }}
      />
      {isHelpOpen && <ShortcutHelp onClose={help.close} />}
    </>
  );
}
