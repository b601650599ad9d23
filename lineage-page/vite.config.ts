import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, esmExternalRequirePlugin, type UserConfig } from "vite";

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const STATIC = process.env.LINEAGE_PAGE_OUT ?? folder("../include/dbt_lineage/airflow/page/static");
/** The plain page is no part of the package. */
const PLAIN = folder("../build/plain-page");
/** What Airflow has as globals is not built in. */
const GLOBALS = {
  "react": "React",
  "react-dom": "ReactDOM",
  "react/jsx-runtime": "ReactJSXRuntime",
};

/**
 * Mode `app` builds what Airflow loads; mode `host` the script of the plain page. Both are one file each. Without a mode,
 * `npm run dev` serves the plain page, with the API of the
 * Airflow that LINEAGE_SERVER names, else of the one on port 8080.
 */
export default defineConfig(({ mode }): UserConfig => {
  const ofApp = mode === "app";
  const ofBuild = ofApp || mode === "host";
  return {
    define: ofBuild ? { "process.env.NODE_ENV": JSON.stringify("production") } : {},
    server: { proxy: { "/dbt-lineage": process.env.LINEAGE_SERVER ?? "http://localhost:8080" } },
    build: {
      outDir: ofApp ? STATIC : PLAIN,
      emptyOutDir: true,
      copyPublicDir: false,
      license: ofApp && { fileName: "licenses.md" },
      target: "es2022",
      lib: {
        entry: folder(ofApp ? "src/lineage.tsx" : "src/host.tsx"),
        name: "DbtLineagePage",
        formats: [ofApp ? "iife" : "es"],
        fileName: () => (ofApp ? "lineage-page.js" : "host.js"),
      },
      rolldownOptions: { output: { globals: GLOBALS }, checks: { moduleLevelDirective: false } },
    },
    plugins: [
      // Of packages in the older form too, which would else call a `require` that no browser has.
      ...(ofApp ? [esmExternalRequirePlugin({ external: Object.keys(GLOBALS) })] : []),
      {
        name: "plain-page",
        closeBundle() {
          if (mode === "host") copyFileSync(new URL("plain.html", import.meta.url), `${PLAIN}/index.html`);
        },
      },
    ],
    test: { environment: "node", include: ["test/**/*.test.ts"] },
  } as UserConfig;
});
