import { useSyncExternalStore } from "react";

const isDark = () => document.documentElement.classList.contains("dark");

function subscribe(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  return () => observer.disconnect();
}

/** Whether Airflow is dark now: it says so by a class of the document. */
export const useDarkness = (): boolean => useSyncExternalStore(subscribe, isDark);
