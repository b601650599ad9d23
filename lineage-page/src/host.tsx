/** The plain page: what Airflow gives the component, and nothing more. */
import * as React from "react";
import * as ReactJSXRuntime from "react/jsx-runtime";
import * as ReactDOM from "react-dom";
import { createRoot } from "react-dom/client";

const theme = window.matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark", theme.matches);
theme.addEventListener("change", paint);
paint();

interface Host {
  Lineage?: React.ComponentType<{ dagId?: string; runId?: string }>;
}

Object.assign(globalThis, { React, ReactDOM, ReactJSXRuntime });
const root = document.getElementById("root")!;
await import(/* @vite-ignore */ new URL(root.dataset.script!, document.baseURI).href);
const Lineage = (globalThis as Host).Lineage!;
const { dag, run } = root.dataset;
createRoot(root).render(<Lineage dagId={dag} runId={run} />);
