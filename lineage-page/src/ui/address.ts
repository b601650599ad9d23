import { createContext, useContext, useMemo, useSyncExternalStore } from "react";
import { queryOf, viewOf, type View } from "../maths/url";

interface HostRouter {
  useLocation: () => { search: string; pathname: string };
  useNavigate: () => (to: { search: string }, options: { replace: boolean }) => void;
}

/** Airflow's own router, so that its navigation and ours are one history; none on the plain page. */
const host = (globalThis as { ReactRouterDOM?: HostRouter }).ReactRouterDOM;

type Address = readonly [search: string, go: (search: string, replace: boolean) => void];

function useHostAddress(): Address {
  const { search } = host!.useLocation();
  const navigate = host!.useNavigate();
  return useMemo(() => [search, (to, replace) => navigate({ search: to }, { replace })] as const, [search, navigate]);
}

const listeners = new Set<() => void>();
const go = (search: string, replace: boolean) => {
  const url = window.location.pathname + search;
  if (replace) window.history.replaceState(null, "", url);
  else window.history.pushState(null, "", url);
  for (const changed of listeners) changed();
};
const subscribe = (changed: () => void) => {
  listeners.add(changed);
  window.addEventListener("popstate", changed);
  return () => {
    listeners.delete(changed);
    window.removeEventListener("popstate", changed);
  };
};

function useOwnAddress(): Address {
  const search = useSyncExternalStore(subscribe, () => window.location.search);
  return useMemo(() => [search, go] as const, [search]);
}

const useAddress = host ? useHostAddress : useOwnAddress;

export interface Navigation {
  view: View;
  /** Change parts of the view, as a step that the browser's back button undoes. */
  show: (change: Partial<View>, replace?: boolean) => void;
  /** The address of a changed view, for links. */
  link: (change: Partial<View>) => string;
}

/** The view that the address holds. */
export function useNavigation(): Navigation {
  const [search, navigate] = useAddress();
  return useMemo(() => {
    const view = viewOf(search);
    const query = (change: Partial<View>) => queryOf({ ...view, ...change });
    return {
      view,
      // With its path: Airflow's document has a base address, which a query alone would be resolved against.
      link: (change: Partial<View>) => window.location.pathname + query(change),
      show: (change, replace = false) => navigate(query(change), replace),
    };
  }, [search, navigate]);
}

const Context = createContext<Navigation | null>(null);
export const NavigationProvider = Context.Provider;

export function useView(): Navigation {
  const navigation = useContext(Context);
  if (navigation === null) throw new Error("useView is called outside of the page");
  return navigation;
}
