import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { queryClient } from './query-client';
import { FailedPage, MissingPage, WaitingPage } from './fallbacks';
import { sessionQuery } from './session';
import { Shell } from './shell';

type Search = Record<string, unknown>;
const text = (search: Search, key: string): string | undefined => {
  const value = search[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
};
/** Keeps the named text parameters of a search, leaves the others out. */
const only =
  <K extends string>(...keys: K[]) =>
  (search: Search): Partial<Record<K, string>> =>
    Object.fromEntries(
      keys.flatMap((key) => (text(search, key) === undefined ? [] : [[key, text(search, key)]])),
    ) as Partial<Record<K, string>>;

const root = createRootRoute({ component: Outlet, notFoundComponent: MissingPage });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: only('back'),
  component: lazyRouteComponent(() => import('../sign-in/sign-in-page'), 'SignInPage'),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ location }) => {
    const me = await queryClient.query({ ...sessionQuery, staleTime: 'static' });
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the router's way to go elsewhere
    if (me === null) throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { back: location.href } });
  },
  component: Shell,
});

const parent = { getParentRoute: () => inside };
const routes = [
  createRoute({ ...parent, path: '/', component: lazyRouteComponent(() => import('../now/now-page'), 'NowPage') }),
  createRoute({
    ...parent,
    path: '/incidents',
    validateSearch: only('status'),
    component: lazyRouteComponent(() => import('../incidents/incidents-page'), 'IncidentsPage'),
  }),
  createRoute({
    ...parent,
    path: '/incidents/$id',
    component: lazyRouteComponent(() => import('../incidents/incident-page'), 'IncidentPage'),
  }),
  createRoute({
    ...parent,
    path: '/alerts',
    validateSearch: only('level', 'tenant', 'verdict', 'incident', 'q', 'group', 'open'),
    component: lazyRouteComponent(() => import('../alerts/alerts-page'), 'AlertsPage'),
  }),
  createRoute({
    ...parent,
    path: '/silos',
    validateSearch: only('q', 'order', 'show'),
    component: lazyRouteComponent(() => import('../silos/silos-page'), 'SilosPage'),
  }),
  createRoute({
    ...parent,
    path: '/silos/$tenant',
    component: lazyRouteComponent(() => import('../silos/silo-page'), 'SiloPage'),
  }),
  createRoute({
    ...parent,
    path: '/on-call',
    component: lazyRouteComponent(() => import('../on-call/on-call-page'), 'OnCallPage'),
  }),
  createRoute({
    ...parent,
    path: '/disclosure',
    validateSearch: only('state'),
    component: lazyRouteComponent(() => import('../disclosure/disclosure-page'), 'DisclosurePage'),
  }),
  createRoute({
    ...parent,
    path: '/disclosure/$id',
    component: lazyRouteComponent(() => import('../disclosure/report-page'), 'ReportPage'),
  }),
  createRoute({
    ...parent,
    path: '/notices',
    component: lazyRouteComponent(() => import('../notices/notices-page'), 'NoticesPage'),
  }),
  createRoute({
    ...parent,
    path: '/notices/$id',
    component: lazyRouteComponent(() => import('../notices/notice-page'), 'NoticePage'),
  }),
  createRoute({
    ...parent,
    path: '/reviews',
    component: lazyRouteComponent(() => import('../reviews/reviews-page'), 'ReviewsPage'),
  }),
  createRoute({
    ...parent,
    path: '/trail',
    validateSearch: only('action', 'actor'),
    component: lazyRouteComponent(() => import('../trail/trail-page'), 'TrailPage'),
  }),
  createRoute({
    ...parent,
    path: '/users',
    component: lazyRouteComponent(() => import('../users/users-page'), 'UsersPage'),
  }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren([signIn, inside.addChildren(routes)]),
  defaultPendingComponent: WaitingPage,
  defaultErrorComponent: FailedPage,
  defaultPendingMs: 150,
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
