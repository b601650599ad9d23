import flow from "@xyflow/react/dist/base.css?inline";
import graph from "./graph.css?inline";
import page from "./page.css?inline";

// Airflow's own graph has React Flow too, of another version: ours stays within the page.
const ALL = `.dbtl { ${flow} }${page}${graph}`;

/** The styles come with the script: Airflow loads nothing else. */
export const Styles = () => (
  <style href="dbt-lineage" precedence="default">
    {ALL}
  </style>
);
