// Lints an OpenAPI document by Redocly's recommended rules; prints the problems as JSON.
import { readFileSync } from "node:fs";

import { createConfig, lintFromString } from "@redocly/openapi-core";

const [file] = process.argv.slice(2);
const config = await createConfig({ extends: ["recommended"] });
const problems = await lintFromString({
  source: readFileSync(file, "utf8"),
  absoluteRef: file,
  config,
});
const told = problems.map(({ ruleId, severity, message }) => ({ ruleId, severity, message }));
process.stdout.write(JSON.stringify(told));
