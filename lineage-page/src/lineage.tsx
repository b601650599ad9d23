/** What Airflow loads: it takes the component from a global that is named like the react_app. */
import { App } from "./App";

Object.assign(globalThis, { Lineage: App, AirflowPlugin: App });
