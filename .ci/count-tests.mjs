/**
 * Reads vitest's JSON report and prints `<n> passed, <m> failed`. Arguments: the report's path, and vitest's exit code.
 * What cannot be read, and a failure that no single test shows, count as one failed test: never as nothing.
 */
import { readFileSync } from "node:fs";

const [reportPath = "", exitCode = "1"] = process.argv.slice(2);

function count() {
  let report;
  try {
    report = JSON.parse(readFileSync(reportPath, "utf8"));
  } catch {
    return { passed: 0, failed: 1 };
  }
  // A file that failed before its tests ran, or while it set them up, has no failed test of its own.
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  ).length;
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + brokenFiles;
  return { passed, failed: failed === 0 && (exitCode !== "0" || passed === 0) ? 1 : failed };
}

const { passed, failed } = count();
console.log(`${passed} passed, ${failed} failed`);
