import { Burger, Drawer, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { nowQuery } from '../now/now-query';
import { AccountMenu } from './account-menu';
import { CommandPalette } from './command-palette';
import { type LiveState, useLive } from './live';
import { places } from './navigation';
import { PasswordForm } from './password-form';
import { sessionQuery, useMay, useMe } from './session';
import { SendingPaused } from './sending-paused';

const liveWords: Record<LiveState, { tone: string; word: string; more: string }> = {
  connecting: { tone: 'warn', word: 'Connecting', more: 'Waiting for the stream of changes.' },
  live: { tone: 'good', word: 'Live', more: 'Changes arrive within a second.' },
  lost: { tone: 'bad', word: 'Connection lost', more: 'Retrying every 4 s. What you see may be old.' },
};

function LiveMark({ state }: { state: LiveState }) {
  const { tone, word, more } = liveWords[state];
  return (
    <span className="sw-live" role="status" title={more}>
      <span className="sw-dot" data-tone={tone} data-pulse={state !== 'live' || undefined} />
      {word}
    </span>
  );
}

function Brand() {
  return (
    <Link to="/" className="sw-brand" aria-label="Silowatch, now">
      <img src="/silowatch.svg" alt="" width={22} height={22} />
      <span>Silowatch</span>
    </Link>
  );
}

function PlaceList({ onGo }: { onGo?: () => void }) {
  const me = useMe();
  const maySee = useMay('security.see');
  const now = useQuery({ ...nowQuery, enabled: maySee });
  const open = now.data?.incidents.length ?? 0;
  const isBurning =
    now.data?.incidents.some((incident) => incident.severity === 'SEV1' || incident.severity === 'SEV2') ?? false;
  return (
    <nav aria-label="Pages">
      <ul className="sw-places">
        {places
          .filter((place) => me?.permissions.includes(place.permission))
          .map((place) => (
            <li key={place.to}>
              <Link
                to={place.to}
                className="sw-place"
                activeOptions={{ exact: place.to === '/' }}
                {...(onGo === undefined ? {} : { onClick: onGo })}
              >
                <place.icon size={17} stroke={1.7} aria-hidden />
                <span className="sw-grow">{place.label}</span>
                {place.to === '/incidents' && open > 0 && (
                  <span className="sw-count" data-burning={isBurning || undefined}>
                    {open}
                    <span className="sw-hidden"> open</span>
                  </span>
                )}
              </Link>
            </li>
          ))}
      </ul>
    </nav>
  );
}

function SearchButton() {
  return (
    <UnstyledButton className="sw-search" onClick={() => spotlight.open()}>
      <IconSearch size={15} aria-hidden />
      <span className="sw-grow">Search or do…</span>
      <kbd>{navigator.userAgent.includes('Mac') ? '⌘' : 'Ctrl'} K</kbd>
    </UnstyledButton>
  );
}

/** The set-up password is good for nothing but choosing one's own. */
function ChoosePassword() {
  return (
    <main className="sw-whole">
      <div className="sw-choose">
        <h1>Choose a password of your own</h1>
        <p className="sw-dim">The one you were given was only for the way in.</p>
        <PasswordForm />
      </div>
    </main>
  );
}

/** The frame of every page behind the sign-in. */
export function Shell() {
  const live = useLive();
  const [isMenuOpen, menu] = useDisclosure(false);
  const path = useLocation({ select: (location) => location.pathname });
  const router = useRouter();
  const hasEnded = useQuery(sessionQuery).data === null;
  useEffect(() => {
    if (hasEnded) void router.invalidate();
  }, [hasEnded, router]);
  useEffect(() => {
    document.getElementById('main')?.scrollTo(0, 0);
  }, [path]);
  const mustChoose = useMe()?.mustChangePassword ?? false;
  if (mustChoose) return <ChoosePassword />;
  return (
    <div className="sw-shell">
      <a href="#main" className="sw-skip">
        Skip to the page
      </a>
      <aside className="sw-side">
        <Brand />
        <SearchButton />
        <PlaceList />
        <div className="sw-side-end">
          <LiveMark state={live} />
          <AccountMenu />
        </div>
      </aside>
      <header className="sw-top">
        <Burger size="sm" opened={isMenuOpen} onClick={menu.toggle} aria-label="Pages" />
        <Brand />
        <span className="sw-grow" />
        <LiveMark state={live} />
        <UnstyledButton className="sw-icon-button" aria-label="Search or do" onClick={() => spotlight.open()}>
          <IconSearch size={18} aria-hidden />
        </UnstyledButton>
        <AccountMenu isShort />
      </header>
      <Drawer opened={isMenuOpen} onClose={menu.close} position="left" size={260} title={<Brand />}>
        <PlaceList onGo={menu.close} />
      </Drawer>
      <main id="main" className="sw-main" tabIndex={-1}>
        {live === 'lost' && (
          <div className="sw-lost" role="alert">
            Connection lost. Retrying every 4 seconds; what you see may be old.
          </div>
        )}
        <SendingPaused />
        <Outlet />
      </main>
      <CommandPalette />
    </div>
  );
}
