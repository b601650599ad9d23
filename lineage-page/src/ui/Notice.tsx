import type { ReactNode } from "react";
import type { Refused } from "../api/client";
import { apiUrl } from "../api/client";

interface Props {
  title: string;
  children?: ReactNode;
  tone?: "plain" | "warn" | "failed";
  action?: ReactNode;
}

/** What a view says when it has nothing to show, or cannot. */
export function Notice({ title, children, tone = "plain", action }: Props) {
  return (
    <div className={`dbtl-notice ${tone}`} role={tone === "failed" ? "alert" : "status"}>
      <strong>{title}</strong>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

const PARTS: Record<string, string> = {
  ledger: "The ledger is away",
  catalogue: "The catalogue is away",
  kafka: "Kafka is away",
};

/** An answer that the server refused, with what to do about it. */
export function Failure({ error, retry }: { error: Refused; retry: () => void }) {
  const button = (
    <button type="button" className="dbtl-button" onClick={retry}>
      Try again
    </button>
  );
  if (error.status === 401) {
    const login = new URL("../../../api/v2/auth/login", apiUrl(""));
    login.searchParams.set("next", window.location.href);
    const again = (
      <a className="dbtl-button" href={login.href}>
        Log in
      </a>
    );
    return <Notice title="Your login has ended" tone="warn" action={again} />;
  }
  if (error.status === 403) return <Notice title="You may not see this" tone="warn">{error.message}</Notice>;
  if (error.status === 404) return <Notice title="There is no such thing" tone="warn">{error.message}</Notice>;
  const title = (error.part !== null && PARTS[error.part]) || "This could not be read";
  return (
    <Notice title={title} tone="failed" action={button}>
      {error.message}
    </Notice>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div className="dbtl-notice plain" role="status">
      <span className="dbtl-spinner" aria-hidden="true" /> Loading {what} …
    </div>
  );
}
